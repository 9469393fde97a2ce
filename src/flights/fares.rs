//! Negotiated fares as staff file and end them.

use super::Error;
use super::negotiated::{ACTIVE, Negotiated};
use super::state::{State, page_limit};
use super::store::Selection;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;

impl State {
    /// Files a fare. The same again under the same id changes nothing.
    ///
    /// # Errors
    /// It names what does not exist, or its id was used for another.
    pub async fn file_fare(
        &self,
        context: &Context,
        fare: Option<rpc::Fare>,
    ) -> Result<rpc::Fare, Error> {
        let fare = rpc::Fare {
            status: ACTIVE.to_owned(),
            created_at_us: context.now_us,
            version: 1,
            replayed: false,
            ..fare.ok_or(Error::Invalid("a fare is wanted"))?
        };
        Negotiated::read(&self.world, &fare)?;
        let (store, world) = (self.store.clone(), context.world.clone());
        self.change(
            &context.world,
            async move { store.file_fare(world, fare).await },
        )
        .await
    }

    /// A fare that the account may use, or any for the platform itself.
    ///
    /// # Errors
    /// There is none that the caller may know of.
    pub async fn get_fare(&self, context: &Context, id: &str) -> Result<rpc::Fare, Error> {
        let known = self.store.fare(&context.world, id).await?;
        known
            .filter(|fare| may_see(context, fare))
            .ok_or(Error::NotFound)
    }

    /// The fares that the caller may know of, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list_fares(
        &self,
        context: &Context,
        request: &rpc::ListFaresRequest,
    ) -> Result<rpc::ListFaresResponse, Error> {
        let page = request.page.as_ref();
        let limit = page_limit(page);
        let selection = Selection {
            world: &context.world,
            account_id: &context.account_id,
            carrier: &request.carrier,
            account_code: &request.account_code,
            after: page.map_or("", |page| page.after.as_str()),
            limit: limit + 1,
        };
        let mut fares = self.store.fares(&selection).await?;
        let limit = usize::try_from(limit).expect("a small number");
        let more = fares.len() > limit;
        fares.truncate(limit);
        let last = fares.last().filter(|_| more);
        Ok(rpc::ListFaresResponse {
            next: last.map_or(String::new(), |fare| fare.id.clone()),
            fares,
        })
    }

    /// Ends the sale of a fare.
    ///
    /// # Errors
    /// There is none that the caller may know of.
    pub async fn discontinue_fare(&self, context: &Context, id: &str) -> Result<rpc::Fare, Error> {
        self.get_fare(context, id).await?;
        let (store, world, id) = (self.store.clone(), context.world.clone(), id.to_owned());
        self.change(&context.world, async move {
            store.discontinue_fare(world, id).await
        })
        .await
    }
}

fn may_see(context: &Context, fare: &rpc::Fare) -> bool {
    context.account_id.is_empty()
        || fare.account_id.is_empty()
        || fare.account_id == context.account_id
}
