//! When others are told: at once of what comes alone, and less and less often while more comes, so that what breaks together is
//! told together.

/// Between two messages at first, milliseconds.
const FIRST: i64 = 1_000;
/// At most.
const LONGEST: i64 = 600_000;

/// See the module. Times are milliseconds from any one point.
#[derive(Clone, Debug)]
pub struct Telling {
    /// Not before this.
    next: i64,
    pause: i64,
}

impl Default for Telling {
    fn default() -> Telling {
        Telling { next: i64::MIN, pause: FIRST }
    }
}

impl Telling {
    /// Whether there may be a message now.
    pub fn may(&self, now: i64) -> bool {
        now >= self.next
    }

    /// There was one. The pause doubles with each, and begins anew once nothing came for as long again.
    pub fn sent(&mut self, now: i64) {
        let is_calm = now.saturating_sub(self.next) > self.pause;
        self.pause = if is_calm { FIRST } else { (self.pause * 2).min(LONGEST) };
        self.next = now + self.pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When messages go if something comes each second, for so long.
    fn told(telling: &mut Telling, from: i64, seconds: i64) -> Vec<i64> {
        let mut at = Vec::new();
        for second in from..from + seconds {
            if telling.may(second * 1_000) {
                telling.sent(second * 1_000);
                at.push(second - from);
            }
        }
        at
    }

    #[test]
    fn one_alone_at_once_and_many_a_few_times() {
        let mut telling = Telling::default();
        assert_eq!(told(&mut telling, 0, 60), [0, 1, 3, 7, 15, 31]);
        assert_eq!(told(&mut telling, 10_000, 1), [0], "calm again");
        let of_an_hour = told(&mut telling, 20_000, 3_600);
        assert!(of_an_hour.len() < 16, "{of_an_hour:?}");
    }
}
