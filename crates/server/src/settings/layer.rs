//! One source of settings: variables or a file. It becomes the defaults of the command line.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Command;

const VARIABLE_PREFIX: &str = "TIDINGS_";
/// Arguments that are about one run's command line and cannot stand in the file.
const NOT_IN_FILE: [&str; 4] = ["config", "verb", "help", "version"];

/// Values of one source, by argument.
#[derive(Default)]
pub(super) struct Layer(Vec<(String, String)>);

impl Layer {
    /// Variables that are no setting are left alone: orchestrators put their own beside ours.
    pub(super) fn of_variables(
        command: &Command,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Layer {
        let known = ids(command);
        let entries = variables.into_iter().filter_map(|(name, value)| {
            let id = name.strip_prefix(VARIABLE_PREFIX)?.to_ascii_lowercase();
            (known.contains(&id) && id != "verb" && !value.is_empty()).then_some((id, value))
        });
        Layer(entries.collect())
    }

    pub(super) fn of_file(command: &Command, path: &Path) -> Result<Layer, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| error.to_string())?;
        let mut known = ids(command);
        known.retain(|id| !NOT_IN_FILE.contains(&id.as_str()));
        let mut entries = Vec::new();
        for (key, value) in table {
            let id = key.replace('-', "_");
            if key.contains('_') || !known.contains(&id) {
                let names: Vec<String> = known.iter().map(|id| id.replace('_', "-")).collect();
                return Err(format!(
                    "there is no setting `{key}`; the settings are {}",
                    names.join(", ")
                ));
            }
            entries.push((id, plain(&key, value)?));
        }
        Ok(Layer(entries))
    }

    pub(super) fn names(&self, id: &str) -> bool {
        self.0.iter().any(|(name, _)| name == id)
    }

    /// The command with this layer's values as its defaults.
    pub(super) fn under(&self, command: Command) -> Command {
        self.0.iter().fold(command, |command, (id, value)| {
            let value = value.clone();
            command.mut_arg(id, |arg| arg.default_value(value))
        })
    }
}

fn plain(key: &str, value: toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Float(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => Err(format!(
            "`{key}` takes a text, a whole number, true or false"
        )),
    }
}

fn ids(command: &Command) -> BTreeSet<String> {
    command
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .collect()
}
