//! Skills and their levels, shared by agents, rules and routes.

/// A skill, for example `german` or `billing`; chosen by the tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SkillName(pub String);

/// A skill and its level, 1 to 4: how well somebody has it, or how well it is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skill {
    /// What it is.
    pub name: SkillName,
    /// How well, [`Skill::LEVELS`].
    pub level: u32,
}

impl Skill {
    /// Levels from "under guidance" to "teaches others".
    pub const LEVELS: std::ops::RangeInclusive<u32> = 1..=4;

    /// Whether `available` holds this skill at this level or above.
    #[must_use]
    pub(crate) fn is_met_by(&self, available: &[Self]) -> bool {
        available.iter().any(|skill| skill.name == self.name && skill.level >= self.level)
    }
}
