//! The gRPC surface of directory and rules.
use calls::Call;
use std::collections::BTreeMap;

use chassis::fields::Fields;
use chassis::page::{Page, Sizes};
use chassis::rpc::Role;
use domain::directory::{self, Command, Directory};
use domain::ids::{QueueId, directory_stream_id};
use domain::rules::{self, Publish, Rules};
use eventlog::Executed;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::{Request, Response, Status};
use uuid::Uuid;
use wire::routing::v1;
use wire::routing::v1::directory_service_server::DirectoryService;
use wire::scalar::timestamp;

use super::{Handlers, READ, convert};
use crate::read_model::queue_depths;
use crate::status;
use crate::target::Target;

const EDIT: &[Role] =
    &[Role::Lead, Role::ProcessOwner, Role::Integrator, Role::System, Role::Admin];
/// Most agents of a page.
const AGENTS: Sizes = Sizes { default: 1_000, most: 1_000 };
/// All that a tenant may have.
const QUEUES: Sizes = Sizes { default: directory::MAX_GROUPS, most: directory::MAX_GROUPS };
const AVAILABILITY: &[Role] =
    &[Role::Agent, Role::Expert, Role::Lead, Role::Integrator, Role::System, Role::Admin];

impl Handlers {
    fn directory_target<M: prost::Message>(
        call: &Call,
        fields: &mut Fields,
        message: &M,
        request_id: &str,
    ) -> Target {
        Target::new(call, fields, message, request_id, directory_stream_id(&call.tenant.name))
    }

    async fn put(
        &self,
        call: &Call,
        target: &Target,
        command: Command,
    ) -> Result<Executed<Directory>, Status> {
        let cause = target.cause(call);
        let executed = self.directories.execute(&call.tenant, &cause, &command).await;
        executed.map_err(|error| {
            let rejected = |rejection| status::directory_rejected(&rejection);
            calls::refused(error, &self.subject(target), rejected)
        })
    }

    async fn rules(&self, call: &Call) -> Result<rules::State, Status> {
        let id = rules::stream_id(&call.tenant.name);
        let loaded = eventlog::load::<Rules>(&self.log, &call.tenant, id).await;
        let loaded = loaded.map_err(|error| self.unreadable(&error))?;
        Ok(loaded.state)
    }
}

#[tonic::async_trait]
impl DirectoryService for Handlers {
    async fn put_queue(
        &self,
        request: Request<v1::PutQueueRequest>,
    ) -> Result<Response<v1::PutQueueResponse>, Status> {
        let call = self.call(&request, "directory.edit", EDIT).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let target = Self::directory_target(&call, &mut fields, message, &message.request_id);
        let queue = fields.required("queue", message.queue.as_ref());
        let queue = queue.map(|queue| fields.within("queue", |f| convert::queue(f, queue)));
        fields.finish()?;
        let queue = queue.expect("a missing queue was refused");
        let executed = self.put(&call, &target, Command::PutQueue(queue.clone())).await?;
        let queue = executed.state.queues.get(&queue.queue_id);
        Ok(Response::new(v1::PutQueueResponse { queue: queue.map(Into::into) }))
    }

    async fn put_team(
        &self,
        request: Request<v1::PutTeamRequest>,
    ) -> Result<Response<v1::PutTeamResponse>, Status> {
        let call = self.call(&request, "directory.edit", EDIT).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let target = Self::directory_target(&call, &mut fields, message, &message.request_id);
        let team = fields.required("team", message.team.as_ref());
        let team = team.map(|team| fields.within("team", |f| convert::team(f, team)));
        fields.finish()?;
        let team = team.expect("a missing team was refused");
        let executed = self.put(&call, &target, Command::PutTeam(team.clone())).await?;
        let team = executed.state.teams.get(&team.team_id);
        Ok(Response::new(v1::PutTeamResponse { team: team.map(Into::into) }))
    }

    async fn put_agent(
        &self,
        request: Request<v1::PutAgentRequest>,
    ) -> Result<Response<v1::PutAgentResponse>, Status> {
        let call = self.call(&request, "directory.edit", EDIT).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let target = Self::directory_target(&call, &mut fields, message, &message.request_id);
        let agent = fields.required("agent", message.agent.as_ref());
        let agent = agent.map(|agent| fields.within("agent", |f| convert::agent(f, agent)));
        fields.finish()?;
        let agent = agent.expect("a missing agent was refused");
        let agent_id = agent.agent_id.clone();
        let given = message.agent.as_ref().and_then(|agent| agent.available);
        let command = Command::PutAgent {
            agent,
            keeps_availability: given.is_none(),
            keeps_teams: message.keep_teams,
        };
        let executed = self.put(&call, &target, command).await?;
        let agent = executed.state.agents.get(&agent_id);
        Ok(Response::new(v1::PutAgentResponse { agent: agent.map(Into::into) }))
    }

    async fn set_agent_availability(
        &self,
        request: Request<v1::SetAgentAvailabilityRequest>,
    ) -> Result<Response<v1::SetAgentAvailabilityResponse>, Status> {
        let call = self.call(&request, "directory.availability", AVAILABILITY).await?;
        let message = request.get_ref();
        if super::works_alone(call.role()) && message.agent_id != call.context.actor.id {
            return Err(chassis::status::permission_denied("directory.availability.others"));
        }
        let mut fields = Fields::new();
        let target = Self::directory_target(&call, &mut fields, message, &message.request_id);
        let agent_id = convert::agent_id(&mut fields, "agent_id", &message.agent_id);
        fields.finish()?;
        let available = message.available;
        let command = Command::SetAvailability { agent_id: agent_id.clone(), available };
        let executed = self.put(&call, &target, command).await?;
        let agent = executed.state.agents.get(&agent_id);
        Ok(Response::new(v1::SetAgentAvailabilityResponse { agent: agent.map(Into::into) }))
    }

    async fn get_directory(
        &self,
        request: Request<v1::GetDirectoryRequest>,
    ) -> Result<Response<v1::GetDirectoryResponse>, Status> {
        let call = self.call(&request, "directory.read", READ).await?;
        let message = request.get_ref();
        let asked = (message.page_size, message.page_token.as_str());
        let page = Page::read("GetDirectory", &call.tenant.name, asked, AGENTS)?;
        let edits = EDIT.contains(&call.role());
        let answer = self.directory(&call, |directory| {
            let all = directory.agents.values().map(|agent| (agent.agent_id.0.clone(), agent));
            let (agents, next_page_token) = page.of(all);
            let agents = agents.into_iter().map(v1::Agent::from);
            let agents = agents.map(|agent| match edits {
                true => agent,
                false => v1::Agent { email: None, ..agent },
            });
            let mut answer = v1::GetDirectoryResponse {
                version: directory.version,
                agents: agents.collect(),
                next_page_token,
                ..Default::default()
            };
            if page.is_first() {
                answer.queues = directory.queues.values().map(Into::into).collect();
                answer.teams = directory.teams.values().map(Into::into).collect();
            }
            answer
        });
        Ok(Response::new(answer.await?))
    }

    async fn list_queues(
        &self,
        request: Request<v1::ListQueuesRequest>,
    ) -> Result<Response<v1::ListQueuesResponse>, Status> {
        let call = self.call(&request, "directory.read", READ).await?;
        let asked = (request.get_ref().page_size, request.get_ref().page_token.as_str());
        let page = Page::read("ListQueues", &call.tenant.name, asked, QUEUES)?;
        let queues: Vec<directory::Queue> =
            self.directory(&call, |d| d.queues.values().cloned().collect()).await?;
        let depths = queue_depths::of_tenant(&self.pool, &call.tenant).await;
        let mut depths =
            depths.map_err(|error| calls::unanswered(&error, self.config.retry_after))?;
        let known = queues.iter().map(|queue| {
            let depth = depths.remove(&queue.queue_id).unwrap_or_default();
            let shown = v1::QueueDepth {
                queue: Some(queue.into()),
                waiting: depth.waiting,
                assigned: depth.assigned,
            };
            (queue.queue_id.0.clone(), shown)
        });
        let mut all: BTreeMap<String, v1::QueueDepth> = known.collect();
        // A queue that is not in the directory is shown as long as something stands in it.
        let unknown = depths.into_iter().filter(|(_, d)| d.waiting + d.assigned > 0);
        all.extend(unknown.map(|(queue_id, depth)| {
            let shown = v1::QueueDepth {
                queue: Some(outside_directory(queue_id.clone())),
                waiting: depth.waiting,
                assigned: depth.assigned,
            };
            (queue_id.0, shown)
        }));
        let (queues, next_page_token) = page.of(all);
        Ok(Response::new(v1::ListQueuesResponse { queues, next_page_token }))
    }

    async fn publish_routing_rules(
        &self,
        request: Request<v1::PublishRoutingRulesRequest>,
    ) -> Result<Response<v1::PublishRoutingRulesResponse>, Status> {
        let call = self.call(&request, "rules.publish", EDIT).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let id: Uuid = rules::stream_id(&call.tenant.name);
        let target = Target::new(&call, &mut fields, message, &message.request_id, id);
        let from = message.effective_from.as_ref();
        let effective_from = from.map(|from| {
            let from = convert::instant(&mut fields, "effective_from", Some(from));
            fields.ahead("effective_from", from, call.now)
        });
        let rules = convert::rules(&mut fields, &message.rules);
        fields.finish()?;
        let queues = self.directory(&call, |d| d.queues.keys().cloned().collect()).await?;
        let command = rules::Command::Publish(Publish {
            effective_from: effective_from.unwrap_or(call.now),
            sha256: digest(&rules),
            rules,
            queues,
        });
        let cause = target.cause(&call);
        let executed =
            eventlog::execute::<Rules>(&self.log, &call.tenant, id, &cause, &command).await;
        let executed = executed.map_err(|error| {
            let sent: Vec<_> = message.rules.iter().map(|rule| rule.rule_id.clone()).collect();
            calls::refused(error, &self.subject(&target), |rejection| {
                status::rules_rejected(&rejection, &sent)
            })
        })?;
        let version = executed.state.version();
        Ok(Response::new(v1::PublishRoutingRulesResponse { version }))
    }

    async fn get_routing_rules(
        &self,
        request: Request<v1::GetRoutingRulesRequest>,
    ) -> Result<Response<v1::GetRoutingRulesResponse>, Status> {
        let call = self.call(&request, "directory.read", READ).await?;
        let rules = self.rules(&call).await?;
        let current = rules.current(call.now);
        Ok(Response::new(v1::GetRoutingRulesResponse {
            version: current.map_or(0, |published| published.version),
            effective_from: current.map(|published| timestamp(published.effective_from)),
            rules: current
                .map(|published| published.rules.iter().map(Into::into).collect())
                .unwrap_or_default(),
        }))
    }
}

/// A queue without an entry: the one for tickets of a tenant without any queue, or one
/// named by an imported history.
fn outside_directory(queue_id: QueueId) -> v1::Queue {
    let fallback = queue_id.0 == rules::UNROUTED;
    let display_name = queue_id.0.clone();
    v1::Queue { queue_id: queue_id.0, display_name, level: 1, fallback, ..v1::Queue::default() }
}

/// SHA-256 of the rules as they are stored, one after the other, each behind its length.
fn digest(rules: &[rules::Rule]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for rule in rules {
        hasher.update(v1::RoutingRule::from(rule).encode_length_delimited_to_vec());
    }
    hasher.finalize().into()
}
