//! Any shape's value, as the test cases write it: blobs as their text, times as seconds.

use api::{Error, Map, Shape, ShapeReader, ShapeWriter, Structure};
use serde_json::{Number, Value as Json, json};

pub(crate) fn read_structure<'a, R: ShapeReader<'a>>(
    reader: &mut R,
    shape: &'static Structure,
) -> Result<Json, Error> {
    let mut members = json!({});
    reader.structure(shape, |reader, index| {
        let member = &shape.members[index];
        members[member.name] = read(reader, member.shape)?;
        Ok(())
    })?;
    Ok(members)
}

fn read<'a, R: ShapeReader<'a>>(reader: &mut R, shape: Shape) -> Result<Json, Error> {
    Ok(match shape {
        Shape::String | Shape::Enum(_) => json!(reader.string()?),
        Shape::Blob => json!(String::from_utf8(reader.blob()?.into_owned()).unwrap()),
        Shape::Integer => json!(reader.integer()?),
        Shape::Long => json!(reader.long()?),
        Shape::Double => number(reader.double()?),
        Shape::Boolean => json!(reader.boolean()?),
        Shape::Timestamp(format) => number(reader.timestamp(format)? as f64 / 1000.0),
        Shape::Structure(shape) => read_structure(reader, shape)?,
        Shape::List(list) => json!(reader.list(list, |reader| read(reader, list.item))?),
        Shape::Map(map) => {
            let entries: Map<'_, Json> = reader.map(map, |reader| read(reader, map.item))?;
            Json::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.into_owned(), value))
                    .collect(),
            )
        }
    })
}

fn number(value: f64) -> Json {
    if value.fract() == 0.0 {
        return json!(value as i64);
    }
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => json!("NaN"),
        None if value > 0.0 => json!("Infinity"),
        None => json!("-Infinity"),
    }
}

pub(crate) fn write_structure<W: ShapeWriter>(
    writer: &mut W,
    shape: &'static Structure,
    value: &Json,
) {
    writer.structure(shape, |writer| {
        for member in shape.members {
            if let Some(value) = value.get(member.name) {
                writer.member(member, |writer| write(writer, member.shape, value));
            }
        }
    });
}

fn write<W: ShapeWriter>(writer: &mut W, shape: Shape, value: &Json) {
    match shape {
        Shape::String | Shape::Enum(_) => writer.string(value.as_str().unwrap()),
        Shape::Blob => writer.blob(value.as_str().unwrap().as_bytes()),
        Shape::Integer => writer.integer(value.as_i64().unwrap().try_into().unwrap()),
        Shape::Long => writer.long(value.as_i64().unwrap()),
        Shape::Double => writer.double(double(value)),
        Shape::Boolean => writer.boolean(value.as_bool().unwrap()),
        Shape::Timestamp(format) => {
            writer.timestamp((value.as_f64().unwrap() * 1000.0).round() as i64, format);
        }
        Shape::Structure(shape) => write_structure(writer, shape, value),
        Shape::List(list) => writer.list(list, value.as_array().unwrap(), |writer, item| {
            write(writer, list.item, item);
        }),
        Shape::Map(map) => {
            let entries = value.as_object().unwrap().iter();
            let entries: Map<'_, Json> = entries
                .map(|(key, value)| (key.into(), value.clone()))
                .collect();
            writer.map(map, &entries, |writer, item| write(writer, map.item, item));
        }
    }
}

fn double(value: &Json) -> f64 {
    match value.as_str() {
        Some(text) => text.parse().unwrap(),
        None => value.as_f64().unwrap(),
    }
}
