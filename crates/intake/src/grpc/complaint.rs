//! The gRPC surface of complaints.
use domain::ticket::{Permission, Ticket};
use tonic::{Request, Response, Status};
use wire::common::v1::ConsistencyToken;
use wire::intake::v1;
use wire::intake::v1::complaint_service_server::ComplaintService;

use super::shown::{Shown, Wanted};
use super::{Intake, opening};
use crate::call::Call;
use crate::convert::complaint::{self as convert, Asked};
use crate::status;
use crate::view::View;
use crate::view::complaint::status_of;

/// The complaint after a command, and where the log stands.
type Answer = (Option<v1::Complaint>, Option<ConsistencyToken>);

impl Intake {
    /// Carries out what is asked of the complaint of a ticket; `text_field` is the field that
    /// can make it too large.
    async fn complain(
        &self,
        call: &Call,
        asked: Asked,
        text_field: &'static str,
    ) -> Result<Answer, Status> {
        let state = self.read(call, asked.target.id).await?;
        let facts = state.facts().ok_or_else(|| status::no_ticket(asked.target.id))?;
        let regimes = self.regimes(call, &asked.sought).await?;
        let (law, misnamed) = self.law_sought(call, &asked, &regimes, facts).await?;
        let mut asked = asked.complete(call, facts, law);
        self.know_requester(call, &mut asked).await?;
        let (target, command) = asked;
        match self.execute(call, &target, &command).await? {
            Ok(executed) => {
                let view = View::after(&executed, call.role());
                Ok((view.complaint(&regimes), Some(call.token(executed.position))))
            }
            Err(error) => {
                let subject = self.subject(&target, &command, text_field);
                let misnamed = misnamed.map(|wrong| ("regime_codes", wrong));
                Err(opening::refused(error, misnamed, &subject))
            }
        }
    }
}

#[tonic::async_trait]
impl ComplaintService for Intake {
    async fn open_complaint(
        &self,
        request: Request<v1::OpenComplaintRequest>,
    ) -> Result<Response<v1::OpenComplaintResponse>, Status> {
        let call = self.call(&request, Permission::OpenComplaint).await?;
        let asked = convert::open(&call, request.get_ref(), &self.config)?;
        let (complaint, consistency_token) = self.complain(&call, asked, "claims").await?;
        Ok(Response::new(v1::OpenComplaintResponse { complaint, consistency_token }))
    }

    async fn reclassify_complaint(
        &self,
        request: Request<v1::ReclassifyComplaintRequest>,
    ) -> Result<Response<v1::ReclassifyComplaintResponse>, Status> {
        let permission = match request.get_ref().not_a_complaint {
            true => Permission::DismissComplaint,
            false => Permission::ReclassifyComplaint,
        };
        let call = self.call(&request, permission).await?;
        let asked = convert::reclassify(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "body").await?;
        Ok(Response::new(v1::ReclassifyComplaintResponse { complaint, consistency_token }))
    }

    async fn state_claims(
        &self,
        request: Request<v1::StateClaimsRequest>,
    ) -> Result<Response<v1::StateClaimsResponse>, Status> {
        let call = self.call(&request, Permission::StateClaims).await?;
        let asked = convert::state_claims(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "claims").await?;
        Ok(Response::new(v1::StateClaimsResponse { complaint, consistency_token }))
    }

    async fn request_complaint_info(
        &self,
        request: Request<v1::RequestComplaintInfoRequest>,
    ) -> Result<Response<v1::RequestComplaintInfoResponse>, Status> {
        let call = self.call(&request, Permission::AskComplaint).await?;
        let asked = convert::request_info(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "question").await?;
        Ok(Response::new(v1::RequestComplaintInfoResponse { complaint, consistency_token }))
    }

    async fn record_complaint_info(
        &self,
        request: Request<v1::RecordComplaintInfoRequest>,
    ) -> Result<Response<v1::RecordComplaintInfoResponse>, Status> {
        let call = self.call(&request, Permission::InformComplaint).await?;
        let asked = convert::record_info(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "").await?;
        Ok(Response::new(v1::RecordComplaintInfoResponse { complaint, consistency_token }))
    }

    async fn extend_complaint(
        &self,
        request: Request<v1::ExtendComplaintRequest>,
    ) -> Result<Response<v1::ExtendComplaintResponse>, Status> {
        let call = self.call(&request, Permission::ExtendComplaint).await?;
        let asked = convert::extend(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "body").await?;
        Ok(Response::new(v1::ExtendComplaintResponse { complaint, consistency_token }))
    }

    async fn decide_complaint(
        &self,
        request: Request<v1::DecideComplaintRequest>,
    ) -> Result<Response<v1::DecideComplaintResponse>, Status> {
        let permission = match request.get_ref().instance() {
            v1::ComplaintInstance::Appeal => Permission::DecideAppeal,
            v1::ComplaintInstance::First | v1::ComplaintInstance::Unspecified => {
                Permission::DecideComplaint
            }
        };
        let call = self.call(&request, permission).await?;
        let asked = convert::decide(&call, request.get_ref(), &self.config)?;
        let (complaint, consistency_token) = self.complain(&call, asked, "letter").await?;
        Ok(Response::new(v1::DecideComplaintResponse { complaint, consistency_token }))
    }

    async fn record_item_delivered(
        &self,
        request: Request<v1::RecordItemDeliveredRequest>,
    ) -> Result<Response<v1::RecordItemDeliveredResponse>, Status> {
        let call = self.call(&request, Permission::RecordItem).await?;
        let asked = convert::record_item(&call, request.get_ref(), &self.config)?;
        let (complaint, consistency_token) = self.complain(&call, asked, "").await?;
        Ok(Response::new(v1::RecordItemDeliveredResponse { complaint, consistency_token }))
    }

    async fn record_remedy(
        &self,
        request: Request<v1::RecordRemedyRequest>,
    ) -> Result<Response<v1::RecordRemedyResponse>, Status> {
        let call = self.call(&request, Permission::RecordRemedy).await?;
        let asked = convert::record_remedy(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "reference").await?;
        Ok(Response::new(v1::RecordRemedyResponse { complaint, consistency_token }))
    }

    async fn waive_remedy(
        &self,
        request: Request<v1::WaiveRemedyRequest>,
    ) -> Result<Response<v1::WaiveRemedyResponse>, Status> {
        let call = self.call(&request, Permission::WaiveRemedy).await?;
        let asked = convert::waive_remedy(&call, request.get_ref())?;
        let (complaint, consistency_token) = self.complain(&call, asked, "statement").await?;
        Ok(Response::new(v1::WaiveRemedyResponse { complaint, consistency_token }))
    }

    async fn file_appeal(
        &self,
        request: Request<v1::FileAppealRequest>,
    ) -> Result<Response<v1::FileAppealResponse>, Status> {
        let call = self.call(&request, Permission::FileAppeal).await?;
        let asked = convert::file_appeal(&call, request.get_ref(), &self.config)?;
        let (complaint, consistency_token) = self.complain(&call, asked, "statement").await?;
        Ok(Response::new(v1::FileAppealResponse { complaint, consistency_token }))
    }

    async fn record_decision_evidence(
        &self,
        request: Request<v1::RecordDecisionEvidenceRequest>,
    ) -> Result<Response<v1::RecordDecisionEvidenceResponse>, Status> {
        let call = self.call(&request, Permission::RecordEvidence).await?;
        let asked = convert::record_evidence(&call, request.get_ref(), &self.config)?;
        let (complaint, consistency_token) = self.complain(&call, asked, "").await?;
        Ok(Response::new(v1::RecordDecisionEvidenceResponse { complaint, consistency_token }))
    }

    async fn get_complaint(
        &self,
        request: Request<v1::GetComplaintRequest>,
    ) -> Result<Response<v1::GetComplaintResponse>, Status> {
        let call = self.call(&request, Permission::Read).await?;
        let message = request.get_ref();
        let wanted = Wanted::read(&message.ticket_id, &message.contact_id)?;
        let id = wanted.ticket_id;
        let loaded = eventlog::load::<Ticket>(&self.log, &call.tenant, id)
            .await
            .map_err(|error| self.unreadable(&error))?;
        let regimes = self.known_regimes(&call).await?;
        let shown = self.shown(&call, &wanted, &loaded.state).await?;
        let view = View::of(&loaded, shown.viewer());
        if loaded.state.facts().is_none() {
            return Err(status::no_ticket(id));
        }
        let complaint =
            view.complaint(&regimes).ok_or_else(|| status::complaint::no_complaint(id))?;
        Ok(Response::new(v1::GetComplaintResponse {
            complaint: Some(match shown {
                Shown::Details(_) => complaint,
                Shown::Status => status_of(complaint),
            }),
            consistency_token: Some(call.token(loaded.position)),
        }))
    }
}
