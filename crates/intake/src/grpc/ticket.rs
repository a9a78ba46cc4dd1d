//! The gRPC surface of tickets: each handler reads the call, converts the message, executes the
//! command and answers with the ticket.
use chassis::rpc::RequestContext;
use domain::ids::TicketId;
use domain::role::Role;
use domain::ticket::{Command, Permission, Ticket, UnholdTrigger};
use tonic::{Request, Response, Status};
use wire::intake::v1;
use wire::intake::v1::intake_service_server::IntakeService;

use super::shown::{Shown, Wanted};
use super::{Intake, Join};
use crate::view::{View, keep_requester, status_of};
use crate::{call, convert, import, status};

#[tonic::async_trait]
impl IntakeService for Intake {
    async fn register_ticket(
        &self,
        request: Request<v1::RegisterTicketRequest>,
    ) -> Result<Response<v1::RegisterTicketResponse>, Status> {
        let call = self.call(&request, Permission::Create).await?;
        let (mut asked, told) = convert::register(&call, request.get_ref(), &self.config)?;
        self.check_category(&call, &mut asked).await?;
        let named = request.get_ref().requester.as_ref().is_some_and(|r| !r.party_id.is_empty());
        if !named {
            self.recognise_requester(&call, &mut asked.1).await;
        }
        let ((ticket, consistency_token), joined_existing) = self.raise(&call, asked, told).await?;
        Ok(Response::new(v1::RegisterTicketResponse { ticket, consistency_token, joined_existing }))
    }

    async fn add_message(
        &self,
        request: Request<v1::AddMessageRequest>,
    ) -> Result<Response<v1::AddMessageResponse>, Status> {
        let internal = request.get_ref().direction() == v1::MessageDirection::Internal;
        let permission = if internal { Permission::Note } else { Permission::Message };
        let call = self.call(&request, permission).await?;
        let asked = convert::add_message(&call, request.get_ref())?;
        self.known_contact(&call, &asked.1).await?;
        let brought = self.bring(&call, asked).await?;
        let (message_id, (ticket, consistency_token)) =
            brought.expect("no ticket is closed to a person's message");
        let message_id = message_id.0.to_string();
        Ok(Response::new(v1::AddMessageResponse { ticket, message_id, consistency_token }))
    }

    async fn send_reply(
        &self,
        request: Request<v1::SendReplyRequest>,
    ) -> Result<Response<v1::SendReplyResponse>, Status> {
        let call = self.call(&request, Permission::Reply).await?;
        let mut asked =
            convert::reply(&call, request.get_ref(), self.config.first_reply_needs_promise)?;
        self.know_requester(&call, &mut asked).await?;
        let message_id = asked.0.source.message().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "body").await?;
        Ok(Response::new(v1::SendReplyResponse { ticket, message_id, consistency_token }))
    }

    async fn start_work(
        &self,
        request: Request<v1::StartWorkRequest>,
    ) -> Result<Response<v1::StartWorkResponse>, Status> {
        let call = self.call(&request, Permission::Work).await?;
        let asked = convert::start_work(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::StartWorkResponse { ticket, consistency_token }))
    }

    async fn hold_ticket(
        &self,
        request: Request<v1::HoldTicketRequest>,
    ) -> Result<Response<v1::HoldTicketResponse>, Status> {
        let call = self.call(&request, Permission::Hold).await?;
        let mut asked = convert::hold(&call, request.get_ref())?;
        self.know_requester(&call, &mut asked).await?;
        let (ticket, consistency_token) = self.change(&call, asked, "question").await?;
        Ok(Response::new(v1::HoldTicketResponse { ticket, consistency_token }))
    }

    async fn unhold_ticket(
        &self,
        request: Request<v1::UnholdTicketRequest>,
    ) -> Result<Response<v1::UnholdTicketResponse>, Status> {
        let call = self.call(&request, Permission::Unhold).await?;
        let asked = convert::unhold(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::UnholdTicketResponse { ticket, consistency_token }))
    }

    async fn resolve_ticket(
        &self,
        request: Request<v1::ResolveTicketRequest>,
    ) -> Result<Response<v1::ResolveTicketResponse>, Status> {
        let call = self.call(&request, Permission::Resolve).await?;
        let asked = convert::resolve(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "summary").await?;
        Ok(Response::new(v1::ResolveTicketResponse { ticket, consistency_token }))
    }

    async fn confirm_resolution(
        &self,
        request: Request<v1::ConfirmResolutionRequest>,
    ) -> Result<Response<v1::ConfirmResolutionResponse>, Status> {
        let call = self.call(&request, Permission::Confirm).await?;
        let target = convert::confirm(&call, request.get_ref())?;
        let law = self.law_of(&call, target.id).await?;
        let asked = (target, Command::ConfirmResolution { law });
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::ConfirmResolutionResponse { ticket, consistency_token }))
    }

    async fn reopen_ticket(
        &self,
        request: Request<v1::ReopenTicketRequest>,
    ) -> Result<Response<v1::ReopenTicketResponse>, Status> {
        let context = RequestContext::from_request(&request)?;
        let permission = match call::role(&context) {
            Role::Customer => Permission::Reject,
            _ => Permission::Reopen,
        };
        let call = self.call(&request, permission).await?;
        let asked = convert::reopen(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "reason").await?;
        Ok(Response::new(v1::ReopenTicketResponse { ticket, consistency_token }))
    }

    async fn classify_ticket(
        &self,
        request: Request<v1::ClassifyTicketRequest>,
    ) -> Result<Response<v1::ClassifyTicketResponse>, Status> {
        let call = self.call(&request, Permission::Classify).await?;
        let mut asked = convert::classify(&call, request.get_ref())?;
        self.check_category(&call, &mut asked).await?;
        let (ticket, consistency_token) = self.change(&call, asked, "reason").await?;
        Ok(Response::new(v1::ClassifyTicketResponse { ticket, consistency_token }))
    }

    async fn set_priority(
        &self,
        request: Request<v1::SetPriorityRequest>,
    ) -> Result<Response<v1::SetPriorityResponse>, Status> {
        let call = self.call(&request, Permission::Priority).await?;
        let asked = convert::set_priority(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "reason").await?;
        Ok(Response::new(v1::SetPriorityResponse { ticket, consistency_token }))
    }

    async fn send_update(
        &self,
        request: Request<v1::SendUpdateRequest>,
    ) -> Result<Response<v1::SendUpdateResponse>, Status> {
        let permission = match request.get_ref().purpose() {
            v1::MessagePurpose::Decision => Permission::DecideComplaint,
            _ => Permission::Update,
        };
        let call = self.call(&request, permission).await?;
        let mut asked = convert::update(&call, request.get_ref())?;
        self.know_requester(&call, &mut asked).await?;
        let message_id = asked.0.source.message().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "body").await?;
        Ok(Response::new(v1::SendUpdateResponse { ticket, message_id, consistency_token }))
    }

    async fn extend_data_subject_request(
        &self,
        request: Request<v1::ExtendDataSubjectRequestRequest>,
    ) -> Result<Response<v1::ExtendDataSubjectRequestResponse>, Status> {
        let call = self.call(&request, Permission::ExtendRequest).await?;
        let asked = convert::request::extend(&call, request.get_ref())?;
        let mut asked = self.under_law_of_requests(&call, asked).await?;
        self.know_requester(&call, &mut asked).await?;
        let message_id = asked.0.source.message().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "body").await?;
        Ok(Response::new(v1::ExtendDataSubjectRequestResponse {
            ticket,
            message_id,
            consistency_token,
        }))
    }

    async fn make_promise(
        &self,
        request: Request<v1::MakePromiseRequest>,
    ) -> Result<Response<v1::MakePromiseResponse>, Status> {
        let call = self.call(&request, Permission::Promise).await?;
        let asked = convert::promise(&call, request.get_ref())?;
        let promise_id = asked.0.source.promise().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::MakePromiseResponse { ticket, promise_id, consistency_token }))
    }

    async fn withdraw_ticket(
        &self,
        request: Request<v1::WithdrawTicketRequest>,
    ) -> Result<Response<v1::WithdrawTicketResponse>, Status> {
        let call = self.call(&request, Permission::Withdraw).await?;
        let mut asked = convert::withdraw(&call, request.get_ref())?;
        self.confirm_withdrawal(&call, &mut asked).await?;
        let (ticket, consistency_token) = self.change(&call, asked, "statement").await?;
        Ok(Response::new(v1::WithdrawTicketResponse { ticket, consistency_token }))
    }

    async fn merge_ticket(
        &self,
        request: Request<v1::MergeTicketRequest>,
    ) -> Result<Response<v1::MergeTicketResponse>, Status> {
        let call = self.call(&request, Permission::Merge).await?;
        let (target, into) = convert::merge(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.join(&call, &target, Join::MergeInto(into)).await?;
        Ok(Response::new(v1::MergeTicketResponse { ticket, consistency_token }))
    }

    async fn split_ticket(
        &self,
        request: Request<v1::SplitTicketRequest>,
    ) -> Result<Response<v1::SplitTicketResponse>, Status> {
        let call = self.call(&request, Permission::Split).await?;
        let asked = convert::split(&call, request.get_ref())?;
        let child_ticket_id = asked.0.source.ticket().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "subject").await?;
        Ok(Response::new(v1::SplitTicketResponse { ticket, child_ticket_id, consistency_token }))
    }

    async fn mark_spam(
        &self,
        request: Request<v1::MarkSpamRequest>,
    ) -> Result<Response<v1::MarkSpamResponse>, Status> {
        let call = self.call(&request, Permission::MarkSpam).await?;
        let asked = convert::mark_spam(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::MarkSpamResponse { ticket, consistency_token }))
    }

    async fn unmark_spam(
        &self,
        request: Request<v1::UnmarkSpamRequest>,
    ) -> Result<Response<v1::UnmarkSpamResponse>, Status> {
        let call = self.call(&request, Permission::UnmarkSpam).await?;
        let asked = convert::unmark_spam(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::UnmarkSpamResponse { ticket, consistency_token }))
    }

    async fn link_ticket(
        &self,
        request: Request<v1::LinkTicketRequest>,
    ) -> Result<Response<v1::LinkTicketResponse>, Status> {
        let call = self.call(&request, Permission::Link).await?;
        let (target, link) = convert::link(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.join(&call, &target, Join::LinkTo(link)).await?;
        Ok(Response::new(v1::LinkTicketResponse { ticket, consistency_token }))
    }

    async fn unlink_ticket(
        &self,
        request: Request<v1::UnlinkTicketRequest>,
    ) -> Result<Response<v1::UnlinkTicketResponse>, Status> {
        let call = self.call(&request, Permission::Link).await?;
        let asked = convert::unlink(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::UnlinkTicketResponse { ticket, consistency_token }))
    }

    async fn link_party(
        &self,
        request: Request<v1::LinkPartyRequest>,
    ) -> Result<Response<v1::LinkPartyResponse>, Status> {
        let call = self.call(&request, Permission::LinkParty).await?;
        let asked = convert::link_party(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::LinkPartyResponse { ticket, consistency_token }))
    }

    async fn get_ticket(
        &self,
        request: Request<v1::GetTicketRequest>,
    ) -> Result<Response<v1::GetTicketResponse>, Status> {
        let call = self.call(&request, Permission::Read).await?;
        let message = request.get_ref();
        let wanted = Wanted::read(&message.ticket_id, &message.contact_id)?;
        let id = wanted.ticket_id;
        let loaded = eventlog::load::<Ticket>(&self.log, &call.tenant, id)
            .await
            .map_err(|error| self.unreadable(&error))?;
        let shown = self.shown(&call, &wanted, &loaded.state).await?;
        let view = View::of(&loaded, shown.viewer());
        let mut ticket = view.ticket(&self.config).ok_or_else(|| status::no_ticket(id))?;
        let consistency_token = Some(call.token(loaded.position));
        if shown == Shown::Status {
            let ticket = Some(status_of(ticket));
            let thread_token = String::new();
            let answer = v1::GetTicketResponse { ticket, consistency_token, thread_token };
            return Ok(Response::new(answer));
        }
        if self.keeps_requester(&call, &loaded.state).await {
            keep_requester(&mut ticket);
        }
        Ok(Response::new(v1::GetTicketResponse {
            ticket: Some(ticket),
            consistency_token,
            thread_token: self.threads.token(&call.tenant.name, TicketId(id)),
        }))
    }

    async fn import_ticket(
        &self,
        request: Request<v1::ImportTicketRequest>,
    ) -> Result<Response<v1::ImportTicketResponse>, Status> {
        let call = self.call(&request, Permission::Import).await?;
        let (target, past) = import::past(&call, request.get_ref(), &self.config)?;
        let (id, cause) = (target.id, call.cause(&target));
        let executed =
            eventlog::execute_history::<Ticket>(&self.log, &call.tenant, id, &cause, &past)
                .await
                .map_err(|error| {
                // A history promises nothing.
                let subject = self.subject(
                    &target,
                    &Command::Unhold { trigger: UnholdTrigger::Manual },
                    "steps",
                );
                status::refused_history(error, &subject)
            })?;
        let view = View::after(&executed, call.role());
        Ok(Response::new(v1::ImportTicketResponse {
            ticket: view.ticket(&self.config),
            already_imported: executed.repeated,
            consistency_token: Some(call.token(executed.position)),
        }))
    }
}
