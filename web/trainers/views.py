"""Routes of trainers."""
