//! Which language a text is in: what it may say.

/// Where a filter policy looks: AWS's `FilterPolicyScope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    MessageAttributes,
    MessageBody,
}

/// EventBridge's patterns will be a further one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SNS filter policies with the operators that AWS was seen to accept in May 2024.
    FilterPolicy(Scope),
    /// The same, and what the engine behind them has learnt since: `wildcard`, and within `anything-but` also `suffix`,
    /// `equals-ignore-case`, `wildcard` and lists of each.
    LaterFilterPolicy(Scope),
}

impl Dialect {
    /// The switch: what filter policies are taken to be today.
    pub(crate) fn of(scope: Scope) -> Dialect {
        Dialect::FilterPolicy(scope)
    }

    pub(crate) fn scope(self) -> Scope {
        match self {
            Dialect::FilterPolicy(scope) | Dialect::LaterFilterPolicy(scope) => scope,
        }
    }

    pub(crate) fn has_later_operators(self) -> bool {
        match self {
            Dialect::FilterPolicy(_) => false,
            Dialect::LaterFilterPolicy(_) => true,
        }
    }
}
