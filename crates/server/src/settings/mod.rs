//! What an operator can set: one struct, filled from flags, `TIDINGS_…` variables, a TOML file and defaults.
//!
//! The stronger source wins, in that order. Variables and file entries become the defaults of the command line, so
//! that every value passes the same parser, whichever way it came. A setting the file names but nobody knows is refused.

mod layer;
mod value;

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};
use tracing::level_filters::LevelFilter;

use layer::Layer;
use value::{base_url, byte_size, duration, host_name, listen_address, queue_urls, smtp_url};

/// Read when `--config` names no other file, if it is there.
const DEFAULT_FILE: &str = "tidings.toml";

const EXAMPLES: &str = "\
Examples:
  tidings                                          serve on 127.0.0.1:4566, data in ./tidings-data
  tidings --memory                                 keep nothing: for tests
  tidings --data /var/lib/tidings --cache-bytes 256M
  tidings --listen 0.0.0.0:4566 --insecure         for containers: anybody who reaches the port may do anything

Then, with any AWS SDK, Terraform or the AWS CLI:
  export AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  aws --endpoint-url http://127.0.0.1:4566 sqs create-queue --queue-name orders

Every flag is also a variable (TIDINGS_CACHE_BYTES for --cache-bytes) and an entry of the configuration file
(cache-bytes = \"256M\"). A flag is stronger than a variable, a variable than the file.
An access key of 12 digits is the account; every other key belongs to account 000000000000.";

/// Durable queues, topics and logs that speak Amazon SQS, SNS and CloudWatch Logs, on your own machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "tidings", version, about, after_help = EXAMPLES, max_term_width = 120)]
pub struct Settings {
    /// What to do.
    #[arg(
        value_enum,
        default_value = "serve",
        value_name = "COMMAND",
        hide_default_value = true
    )]
    pub verb: Verb,

    /// Configuration file in TOML [default: ./tidings.toml if it is there].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Address and port to listen on. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4566", value_parser = listen_address)]
    pub listen: SocketAddr,

    /// Serve on an address that other machines reach although nobody has to prove who they are.
    #[arg(long)]
    pub insecure: bool,

    /// Directory that holds the data. One server at a time may use it.
    #[arg(
        long,
        value_name = "DIR",
        default_value = "./tidings-data",
        help_heading = "Data"
    )]
    pub data: PathBuf,

    /// Keep everything in memory only. It is gone when the server stops.
    #[arg(long, help_heading = "Data")]
    pub memory: bool,

    /// When a change counts as kept, and is answered: once it is on the disk, or once the operating system has it,
    /// which survives a crash of the server but not of the machine.
    #[arg(long, value_enum, default_value = "fsync", help_heading = "Data")]
    pub durability: Durability,

    /// Journals to spread queues and topics over; fixed when the data directory is first used [default: 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64), help_heading = "Data")]
    pub cells: Option<u16>,

    /// Memory for message bodies that were sent lately, in bytes, K, M or G.
    #[arg(long, value_name = "BYTES", default_value = "64M", value_parser = byte_size, help_heading = "Data")]
    pub cache_bytes: u64,

    /// Threads for connections [default: one per core, at most 4].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64), help_heading = "Work")]
    pub threads: Option<u16>,

    /// How long to watch for the disk without sleeping while there is work: quicker answers for some CPU; 0 sleeps at
    /// once [default: 100 where there are more cores than threads, else 0].
    #[arg(long, value_name = "MICROS", value_parser = clap::value_parser!(u32).range(0..=10_000), help_heading = "Work")]
    pub spin_micros: Option<u32>,

    /// Whether AWS's 60 seconds after DeleteQueue and between PurgeQueue calls must pass.
    #[arg(long, value_enum, default_value = "off", help_heading = "Behaviour")]
    pub waits: Waits,

    /// Form of the queue URLs that are answered: `host` of the request, `region` as in AWS's own
    /// (sqs.REGION.localhost), or a base URL to put before /ACCOUNT/NAME. All forms are understood.
    #[arg(long, value_name = "host|region|URL", default_value = "host", value_parser = queue_urls, help_heading = "Behaviour")]
    pub queue_urls: QueueUrls,

    /// This server's own URL, as subscribers reach it: what the links in notifications begin with
    /// [default: http:// and the address listened on].
    #[arg(long, value_name = "URL", value_parser = base_url, help_heading = "Deliveries")]
    pub public_url: Option<String>,

    /// Host that the SigningCertURL of notifications names, with https, for validators that insist on one of AWS's
    /// [default: the public URL's, where the certificate is served].
    #[arg(long, value_name = "HOST", value_parser = host_name, help_heading = "Deliveries")]
    pub sns_cert_host: Option<String>,

    /// Filter policies that a topic may have. AWS raises its quota on request.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=12_500_000), help_heading = "Deliveries")]
    pub sns_filter_policies: u32,

    /// Whether deliveries to subscribers are repeated as AWS and the delivery policies say, or tried once only and then
    /// given to the dead-letter queue.
    #[arg(long, value_enum, default_value = "aws", help_heading = "Deliveries")]
    pub deliveries: Deliveries,

    /// SMTP server for mail to subscribers: smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the first byte on
    /// [default: none; mails stay here and are shown at /_aws/ses].
    #[arg(long, value_name = "URL", value_parser = smtp_url, help_heading = "Deliveries")]
    pub smtp: Option<Secret>,

    /// Sender of mails to subscribers.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "no-reply@sns.amazonaws.com",
        help_heading = "Deliveries"
    )]
    pub mail_from: String,

    /// File with certificates, in PEM, of authorities to trust for https subscribers beside the usual ones.
    #[arg(long, value_name = "FILE", help_heading = "Deliveries")]
    pub tls_ca: Option<PathBuf>,

    /// Deliver to https subscribers whatever certificate they show. For development only.
    #[arg(long, help_heading = "Deliveries")]
    pub tls_insecure: bool,

    /// Directory whose `ready.d` holds scripts to run, in order of name, once the port answers.
    #[arg(long, value_name = "DIR", help_heading = "Behaviour")]
    pub init_dir: Option<PathBuf>,

    /// Longest run of one of these scripts.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration, help_heading = "Behaviour")]
    pub init_timeout: Duration,

    /// Connections at one time; more wait to be accepted.
    #[arg(long, value_name = "N", default_value = "16384", value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Limits")]
    pub max_connections: u32,

    /// Longest time for a client to send the head of a request.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, help_heading = "Limits")]
    pub header_timeout: Duration,

    /// Time for a client to send a body or take an answer; large ones get more, by their size.
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = duration, help_heading = "Limits")]
    pub body_timeout: Duration,

    /// How long a connection may stay open without a request.
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = duration, help_heading = "Limits")]
    pub idle_timeout: Duration,

    /// How long requests in progress may take to end when the server is told to stop.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, help_heading = "Limits")]
    pub shutdown_timeout: Duration,

    /// Form of the log, on standard error.
    #[arg(long, value_enum, default_value = "text", help_heading = "Log")]
    pub log_format: LogFormat,

    /// What to log: off, error, warn, info, debug (each request) or trace.
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "info",
        help_heading = "Log"
    )]
    pub log_level: LevelFilter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verb {
    /// Serve until told to stop.
    Serve,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// A change is answered once it is on the disk.
    Fsync,
    /// A change is answered once the operating system has it.
    Os,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Waits {
    Aws,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deliveries {
    /// Repeated by the delivery policies.
    Aws,
    /// Tried once.
    Once,
}

/// A text that is not shown: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Which URL a queue is said to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueUrls {
    /// `http://{Host of the request}/{account}/{name}`.
    Host,
    /// `http://sqs.{region}.localhost:{port}/{account}/{name}`.
    Region,
    /// `{base}/{account}/{name}`; the base has no `/` at its end.
    Base(String),
}

impl Settings {
    /// Reads all sources. An error knows how to show itself, `--help` and `--version` included: see [`clap::Error::exit`].
    pub fn read(
        arguments: impl IntoIterator<Item = OsString>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let flags_only = Settings::command();
        flags_only.clone().try_get_matches_from(&arguments)?;

        let environment = Layer::of_variables(&flags_only, variables);
        let with_environment = environment.under(flags_only.clone());
        let matches = parse(&with_environment, &arguments, "in the environment")?;

        let file = match file_named(&matches) {
            Some(path) => Layer::of_file(&flags_only, &path)
                .map_err(|why| refuse(&flags_only, format!("{}: {why}", path.display())))?,
            None => Layer::default(),
        };
        let with_all = environment.under(file.under(flags_only));
        let matches = parse(&with_all, &arguments, "in the configuration file")?;

        let strength = |id: &str| match matches.value_source(id) {
            Some(ValueSource::CommandLine) => 3,
            _ if environment.names(id) => 2,
            _ if file.names(id) => 1,
            _ => 0,
        };
        let settings = Settings::from_arg_matches(&matches)?;
        settings
            .check(strength)
            .map_err(|why| refuse(&with_all, why))?;
        Ok(settings)
    }

    fn check(&self, strength: impl Fn(&str) -> u8) -> Result<(), String> {
        for of_disk in ["data", "durability", "cache_bytes"] {
            let asked = strength(of_disk) > 0 && strength(of_disk) >= strength("memory");
            if self.memory && asked {
                let flag = flag_of(of_disk);
                return Err(format!(
                    "--memory keeps nothing on disk, so {flag} has no meaning beside it"
                ));
            }
        }
        if !self.listen.ip().is_loopback() && !self.insecure {
            return Err(format!(
                "{} can be reached from other machines, and this version does not check who calls. \
                 Listen on 127.0.0.1, or add --insecure if whoever reaches the port may do anything.",
                self.listen
            ));
        }
        Ok(())
    }

    /// Threads to serve with.
    pub fn thread_count(&self) -> usize {
        self.threads.map_or_else(|| cores().min(4), usize::from)
    }

    /// How long the flush pump watches without sleeping. Without a core to spare, watching keeps others' work away, the
    /// disk's among it.
    pub fn spin(&self) -> Duration {
        let default = if cores() > self.thread_count() {
            100
        } else {
            0
        };
        Duration::from_micros(self.spin_micros.unwrap_or(default).into())
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn flag_of(id: &str) -> String {
    format!("--{}", id.replace('_', "-"))
}

fn parse(
    command: &Command,
    arguments: &[OsString],
    place: &str,
) -> Result<ArgMatches, clap::Error> {
    command
        .clone()
        .try_get_matches_from(arguments)
        .map_err(|error| refuse(command, format!("{place}: {}", cause(&error))))
}

/// The first line of clap's report without its prefix.
fn cause(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

fn refuse(command: &Command, why: impl fmt::Display) -> clap::Error {
    command.clone().error(ErrorKind::InvalidValue, why)
}

fn file_named(matches: &ArgMatches) -> Option<PathBuf> {
    let named: Option<&PathBuf> = matches.get_one("config");
    match named {
        Some(path) => Some(path.clone()),
        None => Path::new(DEFAULT_FILE)
            .exists()
            .then(|| DEFAULT_FILE.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Settings, String> {
        let arguments = std::iter::once(&"tidings")
            .chain(arguments)
            .map(OsString::from);
        let variables = variables
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Settings::read(arguments, variables).map_err(|error| error.to_string())
    }

    struct File(PathBuf);

    impl File {
        fn with(text: &str) -> File {
            let name = format!(
                "tidings-settings-{}-{:x}.toml",
                std::process::id(),
                rand::random::<u64>()
            );
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, text).unwrap();
            File(path)
        }

        fn path(&self) -> &str {
            self.0.to_str().unwrap()
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).unwrap();
        }
    }

    #[test]
    fn without_any_setting_it_serves_on_loopback_and_keeps_data() {
        let settings = read(&[], &[]).unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:4566");
        assert_eq!(settings.data, Path::new("./tidings-data"));
        assert!(!settings.memory && !settings.insecure);
        assert_eq!(settings.durability, Durability::Fsync);
        assert_eq!(settings.waits, Waits::Off);
        assert_eq!(settings.queue_urls, QueueUrls::Host);
    }

    #[test]
    fn serve_may_be_said_aloud() {
        assert_eq!(read(&["serve", "--memory"], &[]).unwrap().verb, Verb::Serve);
        assert!(read(&["served"], &[]).is_err());
    }

    #[test]
    fn a_flag_is_stronger_than_a_variable_and_a_variable_than_the_file() {
        let file =
            File::with("threads = 1\ncache-bytes = \"1M\"\nwaits = 'aws'\nlog-format = 'json'");
        let settings = read(
            &["--config", file.path(), "--threads", "3"],
            &[("TIDINGS_THREADS", "2"), ("TIDINGS_CACHE_BYTES", "2M")],
        )
        .unwrap();
        assert_eq!(settings.threads, Some(3));
        assert_eq!(settings.cache_bytes, 2 << 20);
        assert_eq!(settings.waits, Waits::Aws);
        assert_eq!(settings.log_format, LogFormat::Json);
    }

    #[test]
    fn a_variable_can_name_the_file() {
        let file = File::with("memory = true");
        assert!(
            read(&[], &[("TIDINGS_CONFIG", file.path())])
                .unwrap()
                .memory
        );
    }

    #[test]
    fn an_unknown_entry_of_the_file_is_refused() {
        let file = File::with("cache_bytes = 5");
        let error = read(&["--config", file.path()], &[]).unwrap_err();
        assert!(
            error.contains("there is no setting `cache_bytes`"),
            "{error}"
        );
        assert!(error.contains("cache-bytes"), "{error}");
    }

    #[test]
    fn a_bad_value_is_reported_with_where_it_stands() {
        let file = File::with("threads = 0");
        let error = read(&["--config", file.path()], &[]).unwrap_err();
        assert!(
            error.contains("in the configuration file: invalid value '0' for '--threads"),
            "{error}"
        );
        let error = read(&[], &[("TIDINGS_WAITS", "maybe")]).unwrap_err();
        assert!(
            error.contains("in the environment: invalid value 'maybe' for '--waits"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        assert!(read(&["--config", "/nowhere/tidings.toml"], &[]).is_err());
    }

    #[test]
    fn switches_can_be_variables() {
        assert!(read(&[], &[("TIDINGS_MEMORY", "true")]).unwrap().memory);
        assert!(!read(&[], &[("TIDINGS_MEMORY", "false")]).unwrap().memory);
    }

    #[test]
    fn variables_of_others_are_left_alone() {
        assert!(
            read(
                &[],
                &[
                    ("TIDINGS_PORT", "tcp://10.0.0.1:4566"),
                    ("TIDINGS_VERB", "x")
                ]
            )
            .is_ok()
        );
    }

    #[test]
    fn an_address_that_others_reach_needs_insecure() {
        let error = read(&["--listen", "0.0.0.0:4566"], &[]).unwrap_err();
        assert!(error.contains("add --insecure"), "{error}");
        assert!(read(&["--listen", "0.0.0.0:4566", "--insecure"], &[]).is_ok());
        assert!(read(&["--listen", "localhost:0"], &[]).is_ok());
        assert!(read(&["--listen", "[::1]:4566"], &[]).is_ok());
    }

    #[test]
    fn memory_and_data_contradict_each_other_unless_one_is_stronger() {
        assert!(read(&["--memory", "--data", "x"], &[]).is_err());
        assert!(read(&["--data", "x"], &[("TIDINGS_MEMORY", "true")]).is_err());
        assert!(read(&["--memory"], &[("TIDINGS_DATA", "x")]).is_ok());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Settings::command().debug_assert();
    }
}
