"""Articles built anew from pages that were kept, when an outlet's rules have changed."""
