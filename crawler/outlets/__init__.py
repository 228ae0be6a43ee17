"""Outlets: how they are loaded, and how their declarations are checked."""
