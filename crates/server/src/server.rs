//! Puts the parts together: data, node, threads, and the way from start to stop.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;
use engine::Clock;
use node::{Node, OpenError, Opened};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::task::spawn_local;

use crate::accept::accept;
use crate::deliveries::{Due, Means};
use crate::flush::Nudge;
use crate::io_thread::{Arrivals, Door, door, live};
use crate::service::Service;
use crate::settings::{Deliveries, Durability, LogFormat, QueueUrls, Settings, Waits};
use crate::signer::KeySigner;
use crate::{deliveries, hooks, settler};

/// Connections the system may hold before they are accepted.
const BACKLOG: u32 = 4096;
/// File descriptors for anything but connections.
const OTHER_DESCRIPTORS: u64 = 64;

/// A server whose data is recovered and whose port is taken.
pub struct Server {
    service: Arc<Service>,
    listener: std::net::TcpListener,
    scripts: Vec<PathBuf>,
    /// What calls to subscribers are made with, and how they come there.
    deliveries: (Means, Due),
}

/// Stops a server from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Service>);

impl Stopper {
    /// Begins the graceful stop: [`Server::run`] returns once it is done.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl Server {
    /// Recovers the data and takes the port. Nothing is answered before [`Server::run`].
    pub fn open(settings: Settings) -> anyhow::Result<Server> {
        let scripts = match &settings.init_dir {
            Some(directory) => hooks::ready_scripts(directory)?,
            None => Vec::new(),
        };
        let settings = within_descriptors(settings);
        let listener = listen(settings.listen)
            .with_context(|| format!("cannot listen on {}", settings.listen))?;
        let address = listener.local_addr()?;
        let base_url = match &settings.public_url {
            Some(url) => url.clone(),
            None => format!("http://{}", within_reach(address)),
        };
        let signer = Arc::new(KeySigner::new(
            (!settings.memory).then(|| settings.data.clone()),
            &base_url,
            settings.sns_cert_host.as_deref(),
        ));
        let opened = open_node(&settings, address, &base_url, &signer)?;
        for (cell, recovered) in opened.cells.iter().enumerate() {
            tracing::debug!(cell, ?recovered, "recovered");
        }
        let means = Means::of(&settings)?;
        let (calls, due) = deliveries::way();
        let service = Arc::new(Service::new(opened.node, settings, address, signer, calls));
        Ok(Server {
            service,
            listener,
            scripts,
            deliveries: (means, due),
        })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.service.address
    }

    pub fn stopper(&self) -> Stopper {
        Stopper(self.service.clone())
    }

    /// Serves until [`Stopper::stop`], then drains and closes the data.
    pub fn run(self) -> anyhow::Result<()> {
        self.serve(false)
    }

    /// The same, and SIGTERM and SIGINT stop it too; a second one ends the process at once.
    pub fn run_until_signal(self) -> anyhow::Result<()> {
        self.serve(true)
    }

    fn serve(self, obeys_signals: bool) -> anyhow::Result<()> {
        let service = &self.service;
        let threads = service.settings.thread_count();
        let nudges: Vec<Nudge> = (0..service.node.cells())
            .map(|cell| {
                let nudge = Nudge::default();
                let notify = nudge.clone();
                service
                    .node
                    .on_work(cell, Box::new(move || notify.notify_one()));
                nudge
            })
            .collect();
        let (doors, mut arrivals): (Vec<Door>, Vec<Arrivals>) =
            (0..threads).map(|_| door()).unzip();
        let first = arrivals.remove(0);
        let mut others = Vec::new();
        for (n, arrivals) in arrivals.into_iter().enumerate() {
            others.push(start_thread(
                service.clone(),
                n + 1,
                nudges.clone(),
                arrivals,
            )?);
        }
        let settling = {
            let service = service.clone();
            thread::Builder::new()
                .name("settler".to_owned())
                .spawn(move || settler::run(&service))?
        };

        let delivering = {
            let service = service.clone();
            let (means, due) = self.deliveries;
            let work = move || {
                runtime()?.block_on(deliveries::run(service, means, due));
                anyhow::Ok(())
            };
            thread::Builder::new()
                .name("deliveries".to_owned())
                .spawn(work)?
        };

        let runtime = runtime()?;
        self.listener.set_nonblocking(true)?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            spawn_local(accept(service.clone(), listener, doors));
            if obeys_signals {
                spawn_local(stop_on_signal(service.clone())?);
            }
            let endpoint = format!("http://{}", within_reach(service.address));
            spawn_local(hooks::run(
                self.scripts,
                endpoint,
                service.settings.init_timeout,
            ));
            announce(service);
            live(service.clone(), 0, nudges, first).await;
            anyhow::Ok(())
        })?;
        drop(runtime);

        for other in others {
            other
                .join()
                .map_err(|_| anyhow::anyhow!("a connection thread failed"))??;
        }
        delivering
            .join()
            .map_err(|_| anyhow::anyhow!("the thread for deliveries failed"))??;
        settling.thread().unpark();
        settling
            .join()
            .map_err(|_| anyhow::anyhow!("the settling thread failed"))?;
        service.node.close().context("cannot close the journal")?;
        tracing::info!("stopped");
        Ok(())
    }
}

fn start_thread(
    service: Arc<Service>,
    index: usize,
    nudges: Vec<Nudge>,
    arrivals: Arrivals,
) -> anyhow::Result<thread::JoinHandle<anyhow::Result<()>>> {
    let work = move || {
        runtime()?.block_on(live(service, index, nudges, arrivals));
        Ok(())
    };
    Ok(thread::Builder::new()
        .name(format!("io-{index}"))
        .spawn(work)?)
}

fn runtime() -> anyhow::Result<LocalRuntime> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    runtime.context("cannot start the runtime")
}

fn listen(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, sockopt};
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let flags = SocketFlags::empty();
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, BACKLOG.try_into().unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

/// Takes as many file descriptors as the system allows, and no more connections than that.
fn within_descriptors(mut settings: Settings) -> Settings {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() {
        limit.maximum
    } else {
        limit.current
    };
    let room = current
        .unwrap_or(u64::MAX)
        .saturating_sub(OTHER_DESCRIPTORS)
        .max(1);
    if u64::from(settings.max_connections) > room {
        tracing::warn!(
            max_connections = room,
            "fewer connections than asked for: the limit on open files (ulimit -n) does not allow more"
        );
        settings.max_connections = u32::try_from(room).unwrap_or(u32::MAX);
    }
    settings
}

fn open_node(
    settings: &Settings,
    address: SocketAddr,
    base_url: &str,
    signer: &Arc<KeySigner>,
) -> anyhow::Result<Opened> {
    let cannot = || format!("cannot use the data directory {}", settings.data.display());
    let disk: Arc<dyn journal::Disk> = if settings.memory {
        Arc::new(journal::MemoryDisk::new())
    } else {
        Arc::new(journal::LocalDisk::open(&settings.data).with_context(cannot)?)
    };
    let asked = settings.cells.map_or(1, usize::from);
    let open = |disk, cells| {
        let options = options(settings, address, base_url, cells);
        Node::open(disk, Arc::new(Clock::system()), signer.clone(), options)
    };
    let opened = match open(disk.clone(), asked) {
        // Nobody asked for a number: the data says how many it has.
        Err(OpenError::Cells { made, .. }) if settings.cells.is_none() => open(disk, made),
        other => other,
    };
    opened.with_context(cannot)
}

fn options(
    settings: &Settings,
    address: SocketAddr,
    base_url: &str,
    cells: usize,
) -> node::Options {
    let durability = match (settings.memory, settings.durability) {
        (true, _) => journal::Durability::Memory,
        (false, Durability::Fsync) => journal::Durability::Fsync,
        (false, Durability::Os) => journal::Durability::Os,
    };
    node::Options {
        cells,
        durability,
        cache_bytes: usize::try_from(settings.cache_bytes).unwrap_or(usize::MAX),
        waits: settings.waits == Waits::Aws,
        queue_urls: match &settings.queue_urls {
            QueueUrls::Host => node::QueueUrls::Host,
            QueueUrls::Region => node::QueueUrls::Region {
                port: address.port(),
            },
            QueueUrls::Base(base) => node::QueueUrls::Base(base.clone()),
        },
        base_url: base_url.to_owned(),
        filter_policies_max: settings.sns_filter_policies as usize,
        mail_leaves: settings.smtp.is_some(),
        deliver_once: settings.deliveries == Deliveries::Once,
        ..node::Options::default()
    }
}

/// The first signal begins the graceful stop, the second ends the process at once.
fn stop_on_signal(service: Arc<Service>) -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let mut again = false;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if again {
                std::process::exit(1);
            }
            again = true;
            tracing::info!("stopping; a second signal stops at once");
            service.stop();
        }
    })
}

/// Says where the server is, where the data is, and one thing to try.
fn announce(service: &Service) {
    let settings = &service.settings;
    let version = env!("CARGO_PKG_VERSION");
    let data = if settings.memory {
        "in memory only".to_owned()
    } else {
        format!("in {}", settings.data.display())
    };
    let endpoint = format!("http://{}", within_reach(service.address));
    match settings.log_format {
        LogFormat::Json => tracing::info!(version, listen = %service.address, data, "ready"),
        LogFormat::Text => {
            let text = format!(
                "Tidings {version} listens on http://{}, data {data}.\n\
                 Try: aws --endpoint-url {endpoint} sqs create-queue --queue-name orders\n",
                service.address
            );
            // Somebody who closed standard output does not want to know.
            let _ = std::io::stdout().write_all(text.as_bytes());
        }
    }
}

/// An address that this machine can call.
fn within_reach(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}
