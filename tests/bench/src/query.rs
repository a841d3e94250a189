//! Ready-made queries, and the judgement of what comes back.

use crate::data::DataSet;
use crate::random::Random;

/// How closely replies are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// An echo: the query's identifier with QR set.
    Echo,
    /// A nameserver whose names change meanwhile: RCODE and whether there is an answer.
    Outline,
    /// A nameserver: RCODE and whether there is an answer, and for a sample the names in it.
    /// `chases` asks for the PTR behind a CNAME.
    Answer {
        /// The server follows a CNAME into another of its zones.
        chases: bool,
    },
}

/// A query made in advance.
#[derive(Clone, Copy, Debug)]
struct Query {
    offset: u32,
    length: u16,
    /// The index asked for, or `ABSENT`.
    index: u32,
}

const ABSENT: u32 = u32::MAX;
/// Of how many replies one is read to the last name.
const SAMPLE: u64 = 64;
const HEADER: usize = 12;
const TYPE_CNAME: u16 = 5;
const TYPE_PTR: u16 = 12;

/// Many queries in pseudo-random order: four of five for a PTR that exists, the fifth for a name that does not.
#[derive(Debug)]
pub struct Pool {
    data: DataSet,
    octets: Vec<u8>,
    queries: Vec<Query>,
}

impl Pool {
    /// Makes `count` queries from a fixed seed, with an OPT record (1 232 octets) where `edns` says so.
    pub fn new(data: DataSet, count: usize, edns: bool) -> Pool {
        let mut random = Random::new(0x7074_7264);
        let mut pool = Pool { data, octets: Vec::new(), queries: Vec::with_capacity(count) };
        for _ in 0..count {
            let index = if random.below(5) == 0 { ABSENT } else { random.below(data.len()) };
            let owner = if index == ABSENT { data.absent(&mut random) } else { data.owner(index) };
            let offset = pool.octets.len();
            write_query(&mut pool.octets, &owner, edns);
            let length = (pool.octets.len() - offset) as u16;
            pool.queries.push(Query { offset: offset as u32, length, index });
        }
        pool
    }

    /// How many queries there are.
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Query `number` with identifier 0.
    #[inline]
    pub fn packet(&self, number: usize) -> &[u8] {
        let query = self.queries[number];
        &self.octets[query.offset as usize..][..usize::from(query.length)]
    }

    /// Whether `reply` is right for query `number`; `seen` counts replies and picks the sample. The identifier has
    /// been compared already.
    #[inline]
    pub fn judge(&self, number: usize, reply: &[u8], seen: u64, judgement: Judgement) -> Result<(), String> {
        if reply.len() < HEADER || reply[2] & 0x80 == 0 {
            return Err("not a reply".into());
        }
        if judgement == Judgement::Echo {
            return Ok(());
        }
        let expected_rcode = if self.queries[number].index == ABSENT { 3 } else { 0 };
        let answers = u16::from_be_bytes([reply[6], reply[7]]);
        if reply[3] & 15 != expected_rcode || reply[2] & 2 != 0 || (answers == 0) != (expected_rcode == 3) {
            return Err(self.complaint(number, reply));
        }
        let Judgement::Answer { chases } = judgement else { return Ok(()) };
        if !seen.is_multiple_of(SAMPLE) {
            return Ok(());
        }
        self.compare(number, reply, chases).ok_or_else(|| self.complaint(number, reply))
    }

    /// Compares the question and, for a hit, every answer.
    fn compare(&self, number: usize, reply: &[u8], chases: bool) -> Option<()> {
        let question = &self.packet(number)[HEADER..];
        let end = HEADER + skip_name(question, 0)? + 4;
        if reply.get(HEADER..end)? != question.get(..end - HEADER)? {
            return None;
        }
        let index = self.queries[number].index;
        if index == ABSENT {
            return Some(());
        }
        let mut expected = vec![(TYPE_PTR, self.data.target(index))];
        if self.data == DataSet::Chase {
            expected.insert(0, (TYPE_CNAME, self.data.alias(index)));
            expected.truncate(if chases { 2 } else { 1 });
        }
        let mut at = end;
        for (kind, name) in expected {
            at = skip_name(reply, at)?;
            if reply.get(at..at + 2)? != kind.to_be_bytes() || read_name(reply, at + 10)? != name {
                return None;
            }
            at += 10 + usize::from(u16::from_be_bytes([*reply.get(at + 8)?, *reply.get(at + 9)?]));
        }
        Some(())
    }

    #[cold]
    fn complaint(&self, number: usize, reply: &[u8]) -> String {
        let asked = read_name(self.packet(number), HEADER).unwrap_or_default();
        format!(
            "{asked}: RCODE {}, {} answers, flags {:02x}{:02x}",
            reply[3] & 15,
            u16::from_be_bytes([reply[6], reply[7]]),
            reply[2],
            reply[3]
        )
    }
}

/// A query for the PTR of `owner`.
pub fn query(owner: &str) -> Vec<u8> {
    let mut packet = Vec::new();
    write_query(&mut packet, owner, false);
    packet
}

/// The name of the last CNAME or PTR among the answers of `reply`; `None` when there is none.
pub fn last_target(reply: &[u8]) -> Option<String> {
    let answers = u16::from_be_bytes([*reply.get(6)?, *reply.get(7)?]);
    let mut at = skip_name(reply, HEADER)? + 4;
    let mut target = None;
    for _ in 0..answers {
        at = skip_name(reply, at)?;
        target = read_name(reply, at + 10);
        at += 10 + usize::from(u16::from_be_bytes([*reply.get(at + 8)?, *reply.get(at + 9)?]));
    }
    target
}

fn write_query(out: &mut Vec<u8>, owner: &str, edns: bool) {
    // No flags: an iterative query, as resolvers send them. One question; perhaps one additional record.
    out.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)]);
    for label in owner.split('.') {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out.extend_from_slice(&[0, TYPE_PTR as u8, 0, 1]);
    if edns {
        let [high, low] = 1232u16.to_be_bytes();
        out.extend_from_slice(&[0, 0, 41, high, low, 0, 0, 0, 0, 0, 0]);
    }
}

/// Where the name at `at` ends.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..128 {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length >= 0xc0 => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
    None
}

/// The name at `at` as text without the final dot.
fn read_name(message: &[u8], mut at: usize) -> Option<String> {
    let mut name = String::new();
    for _ in 0..256 {
        match *message.get(at)? {
            0 => return Some(name),
            length if length >= 0xc0 => {
                at = usize::from(u16::from_be_bytes([length & 0x3f, *message.get(at + 1)?]));
            }
            length => {
                if !name.is_empty() {
                    name.push('.');
                }
                let label = message.get(at + 1..at + 1 + usize::from(length))?;
                name.extend(label.iter().map(|&octet| char::from(octet)));
                at += 1 + usize::from(length);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Judgement = Judgement::Answer { chases: true };

    fn reply(pool: &Pool, number: usize, answers: &[(u16, &str)], rcode: u8) -> Vec<u8> {
        let mut reply = pool.packet(number).to_vec();
        (reply[2], reply[3], reply[7]) = (0x84, rcode, answers.len() as u8);
        for (kind, target) in answers {
            reply.extend_from_slice(&[0xc0, 12, 0, *kind as u8, 0, 1, 0, 0, 14, 16]);
            let packet = query(target);
            let name = &packet[HEADER..packet.len() - 4];
            reply.extend_from_slice(&(name.len() as u16).to_be_bytes());
            reply.extend_from_slice(name);
        }
        reply
    }

    #[test]
    fn the_right_answer_passes_and_others_do_not() {
        let pool = Pool::new(DataSet::Chase, 100, false);
        let hit = (0..100).find(|&number| pool.queries[number].index != ABSENT).unwrap();
        let index = pool.queries[hit].index;
        let (alias, target) = (DataSet::Chase.alias(index), DataSet::Chase.target(index));
        let both = reply(&pool, hit, &[(TYPE_CNAME, &alias), (TYPE_PTR, &target)], 0);
        assert_eq!(pool.judge(hit, &both, 0, ANSWER), Ok(()));
        assert_eq!(last_target(&both), Some(target.clone()));
        let alone = reply(&pool, hit, &[(TYPE_CNAME, &alias)], 0);
        assert!(pool.judge(hit, &alone, 0, ANSWER).is_err());
        assert_eq!(pool.judge(hit, &alone, 0, Judgement::Answer { chases: false }), Ok(()));
        let other = reply(&pool, hit, &[(TYPE_CNAME, &alias), (TYPE_PTR, "host.example.net")], 0);
        assert!(pool.judge(hit, &other, 0, ANSWER).is_err());
        assert!(pool.judge(hit, &reply(&pool, hit, &[], 3), 1, ANSWER).is_err());
        assert!(pool.judge(hit, pool.packet(hit), 1, Judgement::Echo).is_err());
    }

    #[test]
    fn one_in_five_is_absent() {
        let pool = Pool::new(DataSet::Dense, 10_000, true);
        let absent = pool.queries.iter().filter(|query| query.index == ABSENT).count();
        assert!((1800..2200).contains(&absent), "{absent}");
    }
}
