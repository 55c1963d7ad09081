//! Optional values and lists in records and snapshots.

use domain::Arn;
use domain::bytes::{Malformed, Put, Take};

pub(crate) fn put_some<T>(
    value: Option<&T>,
    out: &mut Vec<u8>,
    put: impl FnOnce(&T, &mut Vec<u8>),
) {
    out.put_bool(value.is_some());
    if let Some(value) = value {
        put(value, out);
    }
}

pub(crate) fn take_some<'a, T>(
    take: &mut Take<'a>,
    one: impl FnOnce(&mut Take<'a>) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    if take.bool()? {
        one(take).map(Some)
    } else {
        Ok(None)
    }
}

/// The entries behind their number in four bytes.
pub(crate) fn put_list<T>(list: &[T], out: &mut Vec<u8>, mut put: impl FnMut(&T, &mut Vec<u8>)) {
    out.put_u32(u32::try_from(list.len()).expect("a list is bounded by its record's limit"));
    for one in list {
        put(one, out);
    }
}

pub(crate) fn take_list<'a, T>(
    take: &mut Take<'a>,
    mut one: impl FnMut(&mut Take<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    (0..take.u32()?).map(|_| one(take)).collect()
}

pub(crate) fn take_arn(take: &mut Take<'_>) -> Result<Arn, Malformed> {
    Arn::parse(take.text()?).map_err(|_| Malformed("an ARN has not six parts"))
}
