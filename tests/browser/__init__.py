"""Tests in a real browser, of what a person sees and does."""
