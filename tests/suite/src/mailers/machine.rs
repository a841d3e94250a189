//! A machine: namespaces, and this host's files with others over them.

use super::Mailer;
use crate::daemon::program;
use crate::internet::bare;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Makes the machine, says the number of its first process, and stays until nobody holds its stdin any more: so it ends with the
/// test, whatever ends that, and all its processes with it.
const BOOT: &str = r#"
set -e
read -r first rest </proc/self/stat
mount --make-rprivate /
hostname "$NAME"
mount -t tmpfs tmpfs "$HERE"
mkdir "$HERE/upper" "$HERE/work" "$HERE/root"
cp -a "$PACKAGES/." "$HERE/upper/"
mount -t overlay overlay -o "lowerdir=/,upperdir=$HERE/upper,workdir=$HERE/work" "$HERE/root"
for shared in $SHARED; do
    mkdir -p "$HERE/root$shared"
    mount --bind "$shared" "$HERE/root$shared"
done
mount --rbind /dev "$HERE/root/dev"
mount -t proc proc "$HERE/root/proc"
mount -t tmpfs tmpfs "$HERE/root/run"
echo nameserver 8.8.8.8 >"$HERE/new" && rm -f "$HERE/root/etc/resolv.conf" && mv "$HERE/new" "$HERE/root/etc/resolv.conf"
cd "$HERE/root"
number=970
for user in $USERS; do
    grep -q "^$user:" etc/group || echo "$user:x:$number:" >>etc/group
    grep -q "^$user:" etc/passwd || echo "$user:x:$number:$number::/nonexistent:/usr/sbin/nologin" >>etc/passwd
    number=$((number + 1))
done
ip link set lo up
echo "$first"
exec chroot . cat
"#;

/// See the module. Gone when dropped.
pub struct Machine {
    process: Child,
    /// The number of its first process, seen from outside.
    first: u32,
    name: String,
}

impl Machine {
    /// Starts one with the packages of a mail server, called `NAME.mail.example`. It sees what is in `folder`, and the programs that tests start. `None`, and a
    /// word of it, where namespaces cannot be made or the packages are not there. Anything else that is amiss fails.
    pub fn start(folder: &Path, mailer: Mailer, name: &str) -> Option<Machine> {
        let programs = program("ptrctl").parent().expect("a folder").to_owned();
        let packages = programs.parent().expect("target").join("mailers").join(mailer.word());
        if !packages.exists() {
            println!(
                "skipped: {} of Debian is not unpacked in {} (tests/run does it where packages can be had)",
                mailer.word(),
                packages.display()
            );
            return None;
        }
        let here = folder.join(name);
        fs::create_dir(&here).expect("a folder");
        let mut process = Command::new("unshare")
            .args(["--net", "--uts", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", BOOT])
            .env("HERE", &here)
            .env("PACKAGES", &packages)
            .env("SHARED", format!("{} {}", folder.display(), programs.display()))
            .env("USERS", mailer.users().join(" "))
            .env("NAME", format!("{name}.mail.example"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("unshare runs (Debian: util-linux)");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        match line.trim().parse() {
            Ok(first) => Some(Machine { process, first, name: name.to_owned() }),
            Err(_) => {
                let mut why = String::new();
                let _ = process.stderr.take().expect("stderr").read_to_string(&mut why);
                let _ = process.wait();
                assert!(is_refused(&why), "no machine can be made: {}", why.trim());
                println!("skipped: no machine can be made here: {}", why.trim());
                None
            }
        }
    }

    /// Connects it with the network of this thread, where the other end has these addresses, and gives it its own.
    pub fn connect(&self, there: &[&str], own: &[&str]) {
        let run = |words: &str| {
            let status = Command::new("ip").args(words.split(' ')).status().expect("ip runs");
            assert!(status.success(), "ip {words}");
        };
        let Machine { first, name, .. } = self;
        run(&format!("link add {name} type veth peer name eth0 netns {first}"));
        for address in there {
            run(&format!("address add {address} dev {name}{}", nodad(address)));
        }
        run(&format!("link set {name} up"));
        self.ran("ip link set eth0 up");
        own.iter().for_each(|address| self.add_address(address));
        for address in there {
            let gateway = bare(address);
            self.ran(&format!("ip route add default via {gateway}"));
        }
    }

    /// Gives it an address, with the length of its prefix.
    pub fn add_address(&self, address: &str) {
        self.ran(&format!("ip address add {address} dev eth0{}", nodad(address)));
    }

    /// Takes an address from it.
    pub fn remove_address(&self, address: &str) {
        self.ran(&format!("ip address del {address} dev eth0"));
    }

    /// Runs a program on it, with this on its stdin.
    pub fn feed(&self, words: &[&str], stdin: &str) -> Output {
        let first = self.first.to_string();
        let mut child = Command::new("nsenter")
            .args(["--net", "--uts", "--mount", "--pid", "--root", "--wd", "--target", &first, "--"])
            .args(words)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nsenter runs (Debian: util-linux)");
        // Whoever does not read to the end says so by its status.
        let _ = child.stdin.take().expect("stdin").write_all(stdin.as_bytes());
        child.wait_with_output().expect("its output")
    }

    /// Runs a command of a shell on it, which must succeed.
    pub fn ran(&self, command: &str) -> String {
        let output = self.feed(&["sh", "-c", command], "");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{command}: {}\n{out}{err}", output.status);
        out.into_owned()
    }

    /// The text of a file on it; empty if there is none yet.
    pub fn read(&self, path: &str) -> String {
        fs::read(self.path(path))
            .map(|octets| String::from_utf8_lossy(&octets).into_owned())
            .unwrap_or_default()
    }

    /// Writes a file on it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    /// Where a file on it is, seen from outside.
    pub fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.first))
    }
}

/// Whether it is `unshare` itself that may not make namespaces: what fails behind it, a shell or `mount` says.
fn is_refused(why: &str) -> bool {
    why.lines().next().is_some_and(|line| line.starts_with("unshare: unshare failed:"))
}

/// An address of IPv6 is usable at once.
fn nodad(address: &str) -> &'static str {
    if address.contains(':') { " nodad" } else { "" }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::is_refused;

    #[test]
    fn only_namespaces_may_be_refused() {
        assert!(is_refused("unshare: unshare failed: Operation not permitted\n"));
        for fault in [
            "",
            "mount: /x: mount failed: Operation not permitted.",
            "unshare: failed to execute sh: No such file",
        ] {
            assert!(!is_refused(fault), "{fault}");
        }
    }
}
