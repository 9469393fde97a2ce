//! Accounts: developers and agencies, each in one world. What an agency may owe is decided here and enforced by whoever hears
//! of it.

use super::service::{NAME_LEN_MAX, Sight, check};
use super::store::{self, NewLimit, Said};
use super::world;
use super::{Error, IdentityService};
use crate::kernel::clock::LIVE_WORLD;
use crate::kernel::id::{AccountId, ClockId, EventId};
use crate::kernel::money::{Currency, Money};
use crate::platform::page;
use crate::rpc::common::v1 as wire;
use crate::rpc::identity::v1 as rpc;

impl IdentityService {
    /// Makes an account, and its world when there is none of that name; a repeat returns the account. In a context with a
    /// world, it is made there.
    pub async fn create_account(
        &self,
        request: rpc::CreateAccountRequest,
    ) -> Result<rpc::Account, Error> {
        let sight = Sight::of_platform(request.context.as_ref())?;
        let named = !request.name.is_empty() && request.name.chars().count() <= NAME_LEN_MAX;
        check(
            AccountId::parse(&request.account_id).is_some(),
            "account id",
        )?;
        check(named, "name")?;
        let agency = request.agency.as_ref().map(agency).transpose()?;
        let world = match sight.world() {
            "" if !request.test => LIVE_WORLD.to_owned(),
            "" => request.world.clone(),
            seen => {
                check(["", seen].contains(&request.world.as_str()), "world")?;
                check(self.world(seen).is_some(), "world")?;
                seen.to_owned()
            }
        };
        let (clock, now_us) = match self.world(&world) {
            Some(world) => (None, world.now_us()),
            None => {
                check(world::is_test_name(&world), "world")?;
                check(ClockId::parse(&request.clock_id).is_some(), "clock id")?;
                check(request.clock_starts_at_us > 0, "start of the clock")?;
                let clock = store::Clock {
                    id: request.clock_id,
                    world: world.clone(),
                    now_us: request.clock_starts_at_us,
                };
                (Some(clock), request.clock_starts_at_us)
            }
        };
        let account = store::Account {
            id: request.account_id,
            name: request.name,
            world,
            agency,
            created_at_us: now_us,
            version: 1,
        };
        let said = self.said(request.context, now_us);
        let (account, made) = self.store.create_account(account, clock, said).await?;
        if self.world(&account.world).is_none() {
            self.remember_world(&account.world).await?;
        }
        Ok(rpc::Account {
            replayed: !made,
            ..self.told(account)?
        })
    }

    /// An account that the caller may see.
    pub async fn get_account(
        &self,
        request: &rpc::GetAccountRequest,
    ) -> Result<rpc::Account, Error> {
        let sight = Sight::of(request.context.as_ref())?;
        self.told(self.seen_account(sight, &request.account_id).await?)
    }

    /// A page of the accounts that the caller may see, in the order of their ids.
    pub async fn list_accounts(
        &self,
        request: rpc::ListAccountsRequest,
    ) -> Result<rpc::ListAccountsResponse, Error> {
        let sight = Sight::of(request.context.as_ref())?;
        let (after, limit) = page::of(request.page);
        let (world, only) = (sight.world(), sight.account());
        let mut accounts = self.store.accounts(world, only, &after, limit + 1).await?;
        let next = page::cut(&mut accounts, limit, |account| account.id.clone());
        let accounts = accounts.into_iter().map(|account| self.told(account));
        Ok(rpc::ListAccountsResponse {
            accounts: accounts.collect::<Result<_, _>>()?,
            next,
        })
    }

    /// Sets what an agency may owe.
    pub async fn set_credit_limit(
        &self,
        request: rpc::SetCreditLimitRequest,
    ) -> Result<rpc::Account, Error> {
        let sight = Sight::of_platform(request.context.as_ref())?;
        let account = self.seen_account(sight, &request.account_id).await?;
        let new = NewLimit {
            limit: credit_limit(request.credit_limit.as_ref())?,
            account_id: account.id,
            expected_version: request.expected_version,
        };
        let now_us = self.world(&account.world).map_or(0, |world| world.now_us());
        let said = self.said(request.context, now_us);
        self.told(self.store.set_limit(new, said).await?)
    }

    /// An account, unless it is another's or of another world.
    pub(super) async fn seen_account(
        &self,
        sight: Sight<'_>,
        id: &str,
    ) -> Result<store::Account, Error> {
        self.store
            .account(id)
            .await?
            .filter(|account| sight.covers(&account.world, &account.id))
            .ok_or(Error::NotFound("account"))
    }

    fn said(&self, context: Option<wire::Context>, time_us: i64) -> Said {
        Said {
            event_id: EventId::new(time_us, &self.chance).into(),
            time_us,
            request_id: context.unwrap_or_default().request_id,
        }
    }

    fn told(&self, account: store::Account) -> Result<rpc::Account, Error> {
        let world = self.world(&account.world).ok_or(Error::NotFound("world"))?;
        Ok(rpc::Account {
            id: account.id,
            name: account.name,
            livemode: world.is_live(),
            clock_id: world.clock_id().unwrap_or_default().to_owned(),
            world: account.world,
            agency: account.agency.map(|agency| rpc::Agency {
                iata_number: agency.iata_number,
                credit_limit: Some(wire::Money {
                    amount: agency.credit_limit.amount,
                    currency: agency.credit_limit.currency.code().to_owned(),
                }),
            }),
            created_at_us: account.created_at_us,
            version: account.version,
            replayed: false,
        })
    }
}

fn agency(asked: &rpc::Agency) -> Result<store::Agency, Error> {
    let number = &asked.iata_number;
    let formed = [7, 8].contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    check(formed, "IATA number")?;
    Ok(store::Agency {
        iata_number: number.clone(),
        credit_limit: credit_limit(asked.credit_limit.as_ref())?,
    })
}

fn credit_limit(asked: Option<&wire::Money>) -> Result<Money, Error> {
    asked
        .filter(|limit| limit.amount >= 0)
        .and_then(|limit| Some(Money::new(limit.amount, Currency::parse(&limit.currency)?)))
        .ok_or(Error::Invalid("credit limit"))
}
