//! The tokens that the reading operations give out: where to go on, and for FilterLogEvents until when.

use api::Error;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::Time;
use domain::bytes::{Put, Take};

use crate::order::{Direction, Position};
use crate::{error, limits};

/// GetLogEvents' token: `f/{56 digits}/s` or `b/{56 digits}/s`. It never ends to be good.
pub(crate) fn of_stream(position: Position, direction: Direction) -> String {
    let letter = match direction {
        Direction::Forward => 'f',
        Direction::Backward => 'b',
    };
    format!("{letter}/{}/s", position.digits())
}

pub(crate) fn read_of_stream(token: &str) -> Result<(Position, Direction), Error> {
    let (direction, rest) = match token.split_at_checked(2) {
        Some(("f/", rest)) => (Direction::Forward, rest),
        Some(("b/", rest)) => (Direction::Backward, rest),
        Some(_) | None => return Err(error::bad_token()),
    };
    let position = rest.strip_suffix("/s").and_then(Position::from_digits);
    Ok((position.ok_or_else(error::bad_token)?, direction))
}

/// FilterLogEvents' token, good for a day from `now` on.
pub(crate) fn of_search(position: Position, direction: Direction, now: Time) -> String {
    let mut bytes = Vec::with_capacity(25);
    bytes.put_bool(direction == Direction::Forward);
    bytes.put_u64(position.timestamp.millis());
    bytes.put_u64(position.id);
    bytes.put_u64(now.millis());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn read_of_search(token: &str, now: Time) -> Result<(Position, Direction), Error> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| error::bad_token())?;
    let read = || {
        let mut take = Take::new(&bytes);
        let direction = if take.bool()? {
            Direction::Forward
        } else {
            Direction::Backward
        };
        let position = Position {
            timestamp: Time::from_millis(take.u64()?),
            id: take.u64()?,
        };
        let given = Time::from_millis(take.u64()?);
        Ok::<_, domain::bytes::Malformed>((position, direction, given, take.is_empty()))
    };
    match read() {
        Ok((position, direction, given, true)) if now <= given.after(limits::TOKEN_LIFE) => {
            Ok((position, direction))
        }
        Ok(_) | Err(_) => Err(error::bad_token()),
    }
}

/// The token of a list by name: the last name of the page before.
pub(crate) fn of_name(name: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(name)
}

pub(crate) fn read_of_name(token: &str) -> Result<String, Error> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(error::bad_token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::NOW;

    const POSITION: Position = Position {
        timestamp: NOW,
        id: 7,
    };

    #[test]
    fn a_streams_token_says_where_and_which_way() {
        for direction in [Direction::Forward, Direction::Backward] {
            let token = of_stream(POSITION, direction);
            assert_eq!(read_of_stream(&token), Ok((POSITION, direction)));
            assert_eq!(token.len(), 60);
        }
        let token = of_stream(POSITION, Direction::Forward);
        for wrong in [
            "",
            "f",
            "ü",
            "x",
            &token[2..],
            &token[..58],
            &token.replace('f', "c"),
        ] {
            assert_eq!(read_of_stream(wrong), Err(error::bad_token()), "{wrong}");
        }
    }

    #[test]
    fn a_searchs_token_is_good_for_a_day() {
        let token = of_search(POSITION, Direction::Backward, NOW);
        let end = NOW.after(limits::TOKEN_LIFE);
        assert_eq!(
            read_of_search(&token, end),
            Ok((POSITION, Direction::Backward))
        );
        assert_eq!(
            read_of_search(&token, end.after_millis(1)),
            Err(error::bad_token())
        );
        for wrong in ["", "!", &token[4..], "AAAA"] {
            assert_eq!(
                read_of_search(wrong, NOW),
                Err(error::bad_token()),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_lists_token_is_a_name() {
        assert_eq!(read_of_name(&of_name("/a/b")), Ok("/a/b".to_owned()));
        assert_eq!(read_of_name("!"), Err(error::bad_token()));
    }
}
