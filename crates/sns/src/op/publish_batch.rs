//! PublishBatch:
