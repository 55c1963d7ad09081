//! Accepts connections and hands each to the thread that has the fewest.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::io_thread::Door;
use crate::service::Service;

/// Pause after an accept that failed, mostly for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs until the stop. At the bound of connections the next one waits in the system's own queue.
pub(crate) async fn accept(service: Arc<Service>, listener: TcpListener, doors: Vec<Door>) {
    let permits = Arc::new(Semaphore::new(service.settings.max_connections as usize));
    let mut stopping = std::pin::pin!(service.stopping());
    loop {
        let next = async {
            let permit = permits
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            biased;
            () = &mut stopping => return,
            next = next => next,
        };
        let door = doors
            .iter()
            .min_by_key(|door| door.open())
            .expect("there is a thread");
        let tcp = accepted.and_then(|(tcp, _)| {
            tcp.set_nodelay(true)?;
            tcp.into_std()
        });
        match tcp {
            Ok(tcp) => door.enter(tcp, &service, permit),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
