//! Publish:
