//! A closed loop: each connection says one thing, waits for the answer, says the next.
//!
//! One thread, one epoll, requests written beforehand: the generator must be far cheaper than the server it measures.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};

use crate::histogram::Histogram;
use crate::http;
use crate::machine;
use crate::script::{Handles, Script, Step};
use crate::server::Server;

/// Longest silence of all connections together.
const SILENCE_MAX: Duration = Duration::from_secs(30);
const EVENTS_AT_ONCE: usize = 256;

/// How long to load a server, and which part of it counts.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

/// What a window held.
pub(crate) struct Measured {
    pub(crate) elapsed: Duration,
    pub(crate) requests: u64,
    /// Messages that were sent, received or deleted: counted once for each.
    pub(crate) messages: u64,
    /// Requests answered from the first to the last, also before the window and after it.
    pub(crate) answered: u64,
    pub(crate) latency: Histogram,
    pub(crate) server_cpu: Duration,
    pub(crate) generator_cpu: Duration,
    /// CPU time of neither the server nor the generator, as a share of one core.
    pub(crate) foreign: f64,
}

impl Measured {
    pub(crate) fn requests_per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn messages_per_second(&self) -> f64 {
        self.messages as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn cpu_micros_per_request(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / self.requests.max(1) as f64
    }

    /// How busy the generator's core was with it: near 1 the generator bounds what can be measured.
    pub(crate) fn generator_share(&self) -> f64 {
        self.generator_cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

/// Loads `server` with one connection per script and measures a window of it.
pub(crate) fn measure(server: &Server, scripts: Vec<Script>, span: Span) -> Result<Measured> {
    let mut house = Connections::open(server, scripts)?;
    let begun = Instant::now();
    house.run(begun + span.warm_up)?;
    let before = Reading::take(server)?;
    house.forget();
    house.run(before.at + span.window)?;
    let after = Reading::take(server)?;
    let (requests, messages) = (house.requests, house.messages);
    let latency = std::mem::replace(&mut house.latency, Histogram::new());
    house.finish()?;
    ensure!(requests > 0, "nothing was answered in the window");
    let elapsed = after.at - before.at;
    let known = (after.server - before.server) + (after.generator - before.generator);
    let busy = after.busy.saturating_sub(before.busy);
    Ok(Measured {
        elapsed,
        requests,
        messages,
        answered: house.answered,
        latency,
        server_cpu: after.server - before.server,
        generator_cpu: after.generator - before.generator,
        foreign: busy.saturating_sub(known).as_secs_f64() / elapsed.as_secs_f64(),
    })
}

/// Runs scripts that end by themselves, to their end, and tells how many messages that were.
pub(crate) fn complete(server: &Server, scripts: Vec<Script>) -> Result<u64> {
    ensure!(
        scripts.iter().all(|script| script.rounds.is_some()),
        "a script without end"
    );
    let mut house = Connections::open(server, scripts)?;
    house.finish()?;
    Ok(house.messages)
}

struct Reading {
    at: Instant,
    server: Duration,
    generator: Duration,
    busy: Duration,
}

impl Reading {
    fn take(server: &Server) -> Result<Reading> {
        Ok(Reading {
            at: Instant::now(),
            server: server.cpu()?,
            generator: machine::process_cpu(std::process::id())?,
            busy: machine::busy()?,
        })
    }
}

struct Connections {
    epoll: OwnedFd,
    all: Vec<Connection>,
    resting: usize,
    /// No connection begins another round.
    ending: bool,
    requests: u64,
    messages: u64,
    /// Requests, those before the last `forget` as well.
    answered: u64,
    latency: Histogram,
}

impl Connections {
    /// Connects all and says the first thing on each.
    fn open(server: &Server, scripts: Vec<Script>) -> Result<Connections> {
        let mut house = Connections {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            all: Vec::with_capacity(scripts.len()),
            resting: 0,
            ending: false,
            requests: 0,
            messages: 0,
            answered: 0,
            latency: Histogram::new(),
        };
        for (index, script) in scripts.into_iter().enumerate() {
            let connection = Connection::open(server.port, script)?;
            let data = EventData::new_u64(index as u64);
            epoll::add(&house.epoll, &connection.stream, data, EventFlags::IN)?;
            house.all.push(connection);
        }
        for index in 0..house.all.len() {
            house.begin(index)?;
        }
        Ok(house)
    }

    fn forget(&mut self) {
        self.requests = 0;
        self.messages = 0;
        self.latency = Histogram::new();
    }

    /// Ends every connection's round, so that nothing is left received and not deleted.
    fn finish(&mut self) -> Result<()> {
        self.ending = self
            .all
            .iter()
            .any(|connection| connection.rounds.is_none());
        self.run(Instant::now() + Duration::from_secs(3600))
    }

    /// Lets the connections talk until `end`, or until all of them rest.
    fn run(&mut self, end: Instant) -> Result<()> {
        let mut events = Vec::with_capacity(EVENTS_AT_ONCE);
        let silence = Timespec::try_from(SILENCE_MAX).context("a short time")?;
        while self.resting < self.all.len() && Instant::now() < end {
            events.clear();
            epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&silence),
            )?;
            ensure!(
                !events.is_empty(),
                "no answer for {} s",
                SILENCE_MAX.as_secs()
            );
            for event in &events {
                let (flags, index) = (event.flags, event.data.u64() as usize);
                self.go_on(index, flags)?;
            }
        }
        Ok(())
    }

    fn go_on(&mut self, index: usize, flags: EventFlags) -> Result<()> {
        let connection = &mut self.all[index];
        if flags.contains(EventFlags::OUT) && connection.push()? {
            self.watch(index, EventFlags::IN)?;
        }
        let connection = &mut self.all[index];
        if !flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) {
            return Ok(());
        }
        let Some(messages) = connection.pull()? else {
            return Ok(());
        };
        self.requests += 1;
        self.answered += 1;
        self.messages += messages;
        self.latency.record(connection.asked.elapsed());
        if connection.next_step(self.ending) {
            self.begin(index)
        } else {
            self.resting += 1;
            Ok(())
        }
    }

    fn begin(&mut self, index: usize) -> Result<()> {
        let connection = &mut self.all[index];
        connection.say();
        if !connection.push()? {
            self.watch(index, EventFlags::IN | EventFlags::OUT)?;
        }
        Ok(())
    }

    fn watch(&self, index: usize, flags: EventFlags) -> Result<()> {
        let data = EventData::new_u64(index as u64);
        Ok(epoll::modify(
            &self.epoll,
            &self.all[index].stream,
            data,
            flags,
        )?)
    }
}

/// A request that is on its way.
enum Outgoing {
    Fixed(Rc<[u8]>),
    Written,
}

struct Connection {
    stream: TcpStream,
    port: u16,
    steps: Vec<Step>,
    step: usize,
    rounds: Option<u64>,
    number: u64,
    handles: Handles,
    outgoing: Outgoing,
    written: Vec<u8>,
    /// Bytes of the request that the system has taken.
    pushed: usize,
    inbox: Vec<u8>,
    filled: usize,
    asked: Instant,
}

impl Connection {
    fn open(port: u16, script: Script) -> Result<Connection> {
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Connection {
            stream,
            port,
            steps: script.steps,
            step: 0,
            rounds: script.rounds,
            number: script.first_number,
            handles: Handles::default(),
            outgoing: Outgoing::Written,
            written: Vec::new(),
            pushed: 0,
            inbox: vec![0; 2048],
            filled: 0,
            asked: Instant::now(),
        })
    }

    fn say(&mut self) {
        let step = &self.steps[self.step];
        self.outgoing = if let Some(request) = step.fixed() {
            Outgoing::Fixed(request.clone())
        } else {
            self.written.clear();
            step.write(
                &mut self.written,
                self.port,
                &self.handles,
                &mut self.number,
            );
            Outgoing::Written
        };
        self.pushed = 0;
        self.asked = Instant::now();
    }

    /// Gives the system what it takes of the request; true when that was all.
    fn push(&mut self) -> Result<bool> {
        let bytes: &[u8] = match &self.outgoing {
            Outgoing::Fixed(bytes) => bytes,
            Outgoing::Written => &self.written,
        };
        while self.pushed < bytes.len() {
            match (&self.stream).write(&bytes[self.pushed..]) {
                Ok(count) => self.pushed += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error).context("sending a request"),
            }
        }
        Ok(true)
    }

    /// Reads what is there; once the answer is whole, checks it and tells how many messages it was about.
    fn pull(&mut self) -> Result<Option<u64>> {
        if self.filled == self.inbox.len() {
            self.inbox.resize(self.filled * 4, 0);
        }
        match self.stream.read(&mut self.inbox[self.filled..]) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => self.filled += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error).context("reading an answer"),
        }
        let Some(answer) = http::answer(&self.inbox[..self.filled])? else {
            return Ok(None);
        };
        ensure!(
            answer.status == 200,
            "{}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        ensure!(answer.length == self.filled, "more was answered than asked");
        self.filled = 0;
        self.steps[self.step]
            .hear(&answer.body, &mut self.handles)
            .map(Some)
    }

    /// Turns to the next step; false when the connection rests from now on.
    fn next_step(&mut self, ending: bool) -> bool {
        self.step += 1;
        if self.step < self.steps.len() {
            return true;
        }
        self.step = 0;
        if let Some(rounds) = &mut self.rounds {
            *rounds -= 1;
            return *rounds > 0;
        }
        !ending
    }
}
