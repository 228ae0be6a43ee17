"""The embedded MongoDB server: started when needed, supervised, and stopped when unused."""
