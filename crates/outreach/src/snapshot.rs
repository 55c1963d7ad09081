//! The whole state of an outreach as bytes: equal states give equal bytes, and what is restored goes on as before.

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Region, Time};

use crate::applications::Applications;
use crate::arn::Home;
use crate::endpoints::Endpoints;
use crate::opt_outs::OptOuts;
use crate::outreach::Outreach;
use crate::sandbox::Sandbox;
use crate::sent::Log;
use crate::sms_attributes::SmsAttributes;
use crate::spend::Spend;

const VERSION: u8 = 1;

impl Outreach {
    /// Appends the state to `out`.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u8(VERSION);
        out.put_text(self.home.account.as_str());
        out.put_text(self.home.region.as_str());
        out.put_u64(self.now.millis());
        self.applications.snapshot(out);
        self.endpoints.snapshot(out);
        self.sms.snapshot(out);
        self.spend.snapshot(out);
        self.sandbox.snapshot(out);
        self.opt_outs.snapshot(out);
        self.log.snapshot(out);
    }

    /// Reads what `snapshot` wrote, to the last byte.
    pub fn restore(bytes: &[u8]) -> Result<Outreach, Malformed> {
        let mut take = Take::new(bytes);
        if take.u8()? != VERSION {
            return Err(Malformed("an outreach's snapshot is of another version"));
        }
        let home = take_home(&mut take)?;
        let now = Time::from_millis(take.u64()?);
        let applications = Applications::restore(&mut take)?;
        let endpoints = Endpoints::restore(&mut take, |number| applications.get(number).is_some())?;
        let outreach = Outreach {
            home,
            now,
            applications,
            endpoints,
            sms: SmsAttributes::restore(&mut take)?,
            spend: Spend::restore(&mut take)?,
            sandbox: Sandbox::restore(&mut take)?,
            opt_outs: OptOuts::restore(&mut take)?,
            log: Log::restore(&mut take)?,
        };
        if take.is_empty() {
            Ok(outreach)
        } else {
            Err(Malformed(
                "an outreach's snapshot is followed by something else",
            ))
        }
    }
}

fn take_home(take: &mut Take<'_>) -> Result<Home, Malformed> {
    let account = AccountId::parse(take.text()?);
    let region = Region::parse(take.text()?);
    Ok(Home {
        account: account.map_err(|_| Malformed("a snapshot is of no account"))?,
        region: region.map_err(|_| Malformed("a snapshot is of no region"))?,
    })
}
