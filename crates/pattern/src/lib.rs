//! What messages are matched against: SNS filter policies now, EventBridge patterns later.
