//! Who goes first when threads want the same core: those that answer, before those that change.
//!
//! A thread that wakes up waits until the one that runs has used its slice (some milliseconds), unless the kernel is told
//! that it matters more. Neither call needs a privilege. It takes both: a short slice lets the one that wakes up take the core, if
//! the scheduler (EEVDF, since Linux 6.6) does not find that it had more than its due already; how much more it may have had
//! follows from the weights. Against threads of nice 5 an answering thread that wakes up some tens of microseconds after its last
//! answer often still waits, and nobody looks again until the next tick, up to 4 ms later; against nice 19 it does not.
//! Real-time priorities would do as well, and would let a flood of queries take the machine from everybody.

use std::io;

/// A slice of so many nanoseconds (the least that Linux grants): a thread with a shorter slice takes the core from one
/// with a longer (Linux 6.12 and later; earlier kernels ignore it).
const SHORT_SLICE: u64 = 100_000;
/// How nice those are that change: one such thread gets 1.4 % of a core that others could fill by themselves. On a core that
/// somebody else fills that makes some hundred changes a second, with many at once.
const NICENESS: i32 = 19;

/// For a thread that answers: it takes the core from others as soon as it has something to do.
///
/// # Errors
///
/// When the kernel refuses, as a seccomp filter may make it.
pub fn answers_first() -> io::Result<()> {
    let mut attributes = current()?;
    attributes.sched_runtime = SHORT_SLICE;
    set(&attributes)
}

/// For a thread that changes, writes or reports: it never takes the core from one that answers. Threads that it starts
/// inherit that.
///
/// # Errors
///
/// As [`answers_first`].
pub fn gives_way() -> io::Result<()> {
    let mut attributes = current()?;
    attributes.sched_policy = libc::SCHED_BATCH as u32;
    attributes.sched_nice = attributes.sched_nice.max(NICENESS);
    set(&attributes)
}

/// The scheduling of this thread; that of a real-time policy is an error, for somebody has chosen it.
fn current() -> io::Result<libc::sched_attr> {
    let size = size_of::<libc::sched_attr>() as u32;
    // SAFETY: all octets zero are a valid `sched_attr`, which consists of integers.
    let mut attributes: libc::sched_attr = unsafe { std::mem::zeroed() };
    // SAFETY: sched_getattr(2) writes at most `size` octets to the structure, which has as many; thread 0 is the caller.
    let answer = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, size, 0) };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    if attributes.sched_policy != libc::SCHED_OTHER as u32
        && attributes.sched_policy != libc::SCHED_BATCH as u32
    {
        return Err(io::Error::other("the policy is not that of an ordinary thread"));
    }
    attributes.size = size;
    attributes.sched_flags = 0;
    Ok(attributes)
}

fn set(attributes: &libc::sched_attr) -> io::Result<()> {
    // SAFETY: sched_setattr(2) reads as many octets as the structure says in its first field, which is its size.
    match unsafe { libc::syscall(libc::SYS_sched_setattr, 0, std::ptr::from_ref(attributes), 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_changes_is_nice_and_stays_so() {
        let found = std::thread::spawn(|| {
            gives_way().unwrap();
            gives_way().unwrap();
            current().unwrap()
        });
        let found = found.join().unwrap();
        assert_eq!((found.sched_policy, found.sched_nice >= NICENESS), (libc::SCHED_BATCH as u32, true));
    }

    #[test]
    fn a_thread_that_answers_is_as_nice_as_before() {
        let found = std::thread::spawn(|| {
            let before = current().unwrap();
            answers_first().unwrap();
            (before, current().unwrap())
        });
        let (before, after) = found.join().unwrap();
        assert_eq!((after.sched_policy, after.sched_nice), (before.sched_policy, before.sched_nice));
    }
}
