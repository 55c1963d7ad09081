//! The errors a service models, as statics with their codes and statuses.

use anyhow::{Result, ensure};

use super::{Source, constant, each};
use crate::codegen::model::{ErrorTraits, Shape};
use crate::codegen::overlay::Error;

impl Source<'_> {
    pub(super) fn errors(&mut self) -> Result<()> {
        let mut names = Vec::new();
        self.lines([
            "",
            "/// The errors the model names.",
            "pub mod error {",
            "use crate::ErrorKind;",
        ]);
        for name in self.json.shape_names() {
            let shape = self.json.shape(name)?;
            if shape.exception {
                self.error(name, &shape)?;
                names.push(constant(name));
            }
        }
        let all = each(&names, "&");
        self.line(format!(
            "\npub static ALL: [&ErrorKind; {}] = [{all}];",
            names.len()
        ));
        self.line("}");
        let mut overlaid = self.overlay.errors.keys();
        let unknown = overlaid.find(|name| !names.contains(&constant(name)));
        ensure!(
            unknown.is_none(),
            "the overlay names an error the model lacks: {unknown:?}"
        );
        Ok(())
    }

    /// The overlay goes before the Query model, which goes before AWS's defaults.
    fn error(&mut self, name: &str, shape: &Shape) -> Result<()> {
        let traits = self.query.find(name)?.and_then(|shape| shape.error);
        let traits = traits.unwrap_or(ErrorTraits::default());
        let none = Error::default();
        let overlay = self.overlay.errors.get(name).unwrap_or(&none);
        let code = overlay.code.as_ref().or(traits.code.as_ref());
        let status = overlay.status.or(traits.http_status_code);
        let members = shape.members()?;
        self.line(format!(
            "
            pub static {}: ErrorKind = ErrorKind {{
                shape: {name:?},
                namespace: {:?},
                code: {:?},
                status: {},
                sender_fault: {},
                has_message: {},
                text: {:?},
                query_text: {:?},
            }};",
            constant(name),
            self.overlay.service.error_namespace,
            code.map_or(name, String::as_str),
            status.unwrap_or(400),
            traits.sender_fault.unwrap_or(true),
            self.overlay.service.errors_have_message
                || members
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case("message")),
            overlay.text.as_deref().unwrap_or_default(),
            overlay.query_text,
        ));
        Ok(())
    }
}
