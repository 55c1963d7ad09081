//! Bounds on what is kept and asked for, one name each. AWS's quotas first, ours after them.

use std::ops::RangeInclusive;

use domain::Seconds;

/// Names of platform applications, in characters.
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>
pub const APPLICATION_NAME_CHARS_MAX: usize = 256;
/// CustomUserData, in bytes.
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html>
pub const CUSTOM_USER_DATA_BYTES_MAX: usize = 2048;
/// Items of a page of applications, endpoints and opted-out numbers.
pub const PAGE: usize = 100;
/// MaxResults of ListSMSSandboxPhoneNumbers.
pub const SANDBOX_PAGE: RangeInclusive<i32> = 1..=100;
/// MaxResults of ListOriginationNumbers.
pub const ORIGINATION_PAGE: RangeInclusive<i32> = 1..=30;

/// Numbers of an account in the SMS sandbox.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox-verifying-phone-numbers.html>
pub const SANDBOX_NUMBERS_MAX: usize = 10;
/// How long a number stays in the sandbox at least.
pub const SANDBOX_STAY: Seconds = Seconds(24 * 3600);
/// Time from one opt-in of a number to its next.
/// <https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html>
pub const OPT_IN_REST: Seconds = Seconds(30 * 24 * 3600);

/// Characters of one SMS publish.
/// <https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html>
pub const SMS_CHARS_MAX: usize = 1600;

/// A platform endpoint's token, in bytes. Ours: AWS leaves it to each platform.
pub const TOKEN_BYTES_MAX: usize = 4096;
/// The value of one attribute of an application, in bytes. Ours: room for any certificate.
pub const ATTRIBUTE_BYTES_MAX: usize = 32_768;
/// Documents in the log of what was sent, and their bytes. Ours: the oldest go first.
pub const SENT_MAX: usize = 10_000;
pub const SENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
