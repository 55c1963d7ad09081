//! The application-to-person side of SNS as a pure machine: one `Outreach` per account and region.
