# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ptrd_global_optspecs
    string join \n h/help V/version
end

function __fish_ptrd_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ptrd_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ptrd_using_subcommand
    set -l cmd (__fish_ptrd_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ptrd -n "__fish_ptrd_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrd -n "__fish_ptrd_needs_command" -s V -l version -d 'Print version'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "serve" -d 'Answers DNS and takes changes, until a signal ends it'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "restore" -d 'Puts a backup in the place of the store, while no daemon runs on it'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "check-store" -d 'Checks that the store agrees with itself: file, rows, log, serials, blocks'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "demo" -d 'Runs a server with examples on loopback, and prints commands to try'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "check-config" -d 'Says what is wrong with the configuration: all of it'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "probe" -d 'Receives test messages, and tells senders how their addresses are seen'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "completion" -d 'Completions for a shell, to stdout'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "man" -d 'The manual page of ptrd, or all pages into a folder'
complete -c ptrd -n "__fish_ptrd_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l config -d 'The configuration, TOML; see ptrd.toml(5). What is given here, or in the environment, overrides it [default: /etc/ptrd/ptrd.toml, if it is there]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l store -d 'The SQLite file with everything in it; made if it is missing [default: /var/lib/ptrd/ptrd.db]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l listen -d 'Where to answer, over UDP and TCP; the port is 53 unless given, 0 takes a free one; repeat for each [default: all addresses of this host]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l socket -d 'The admin socket; its folder is made if it is missing [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l user -d 'The user to become once the sockets are bound, by name or number' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l group -d 'The group to become [default: the user\'s own]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l udp-workers -d 'UDP threads for each address; 0: as many as there are cores [default: 0]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l tcp-threads -d 'TCP threads for all addresses; 0: one for each four cores [default: 0]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l tcp-connections -d 'TCP connections at a time; 0: by the limit of open files, 4096 at most [default: 0]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l version-string -d 'What version.bind and version.server say [default: ptrd]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l server-id -d 'What id.server and hostname.bind say (RFC 4892); refused unless given' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l nsid -d 'The name server identifier (RFC 5001); left out unless given' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l cookie-secret-file -d 'Secrets of DNS cookies, 32 hexadecimal digits a line: the present one, and the one before it if there is one. To be shared by servers behind one address [default: a new one at each start]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l udp-size -d 'The longest answer over UDP, octets: 512 to 4096 [default: 1232]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l rate-limit -d 'Answers per second over UDP to one network, a /24 or /56; 0 sets no limit. The limits within it, for NXDOMAIN (of one zone), referrals and errors, are set in proportion: a quarter, a half and a tenth. Clients with a valid DNS cookie, and all over TCP, are not limited [default: 10000]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l log-format -d 'How log lines look; they go to stderr [default: human]' -r -f -a "human\t'For people'
json\t'One JSON object a line'"
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l log-level -d 'From which level on to log: error, warn, info, debug or trace; or for parts, as in info,ptrd_listen=debug [default: info]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l read-only -d 'Serve from the store without writing to it and without an admin socket'
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -l hide-version -d 'Refuse version.bind and version.server'
complete -c ptrd -n "__fish_ptrd_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l store -d 'The SQLite file [default: that of the configuration, in the end /var/lib/ptrd/ptrd.db]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l config -d 'The configuration that names it [default: /etc/ptrd/ptrd.toml, if it is there]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l serials -d 'Ask a secondary which serials it holds; repeat for each. `none`: there is no secondary [default: those of the store that is replaced]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l serials-past -d 'Every zone goes on past this serial' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l serials-from -d 'Zones go on past the serials that they have in this store' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l reason -d 'Why, for the change log' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -l force -d 'Restore it although something in it is not sound'
complete -c ptrd -n "__fish_ptrd_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-store" -l store -d 'The SQLite file [default: that of the configuration, in the end /var/lib/ptrd/ptrd.db]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand check-store" -l config -d 'The configuration that names it [default: /etc/ptrd/ptrd.toml, if it is there]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand check-store" -l json -d 'One JSON object for each finding, and nothing else'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-store" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrd -n "__fish_ptrd_using_subcommand demo" -l port -d 'The port for DNS on 127.0.0.1; a free one unless given' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand demo" -l seconds -d 'End by itself after so many seconds' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand demo" -s h -l help -d 'Print help'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l config -d 'The configuration, TOML; see ptrd.toml(5). What is given here, or in the environment, overrides it [default: /etc/ptrd/ptrd.toml, if it is there]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l store -d 'The SQLite file with everything in it; made if it is missing [default: /var/lib/ptrd/ptrd.db]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l listen -d 'Where to answer, over UDP and TCP; the port is 53 unless given, 0 takes a free one; repeat for each [default: all addresses of this host]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l socket -d 'The admin socket; its folder is made if it is missing [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l user -d 'The user to become once the sockets are bound, by name or number' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l group -d 'The group to become [default: the user\'s own]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l udp-workers -d 'UDP threads for each address; 0: as many as there are cores [default: 0]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l tcp-threads -d 'TCP threads for all addresses; 0: one for each four cores [default: 0]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l tcp-connections -d 'TCP connections at a time; 0: by the limit of open files, 4096 at most [default: 0]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l version-string -d 'What version.bind and version.server say [default: ptrd]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l server-id -d 'What id.server and hostname.bind say (RFC 4892); refused unless given' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l nsid -d 'The name server identifier (RFC 5001); left out unless given' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l cookie-secret-file -d 'Secrets of DNS cookies, 32 hexadecimal digits a line: the present one, and the one before it if there is one. To be shared by servers behind one address [default: a new one at each start]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l udp-size -d 'The longest answer over UDP, octets: 512 to 4096 [default: 1232]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l rate-limit -d 'Answers per second over UDP to one network, a /24 or /56; 0 sets no limit. The limits within it, for NXDOMAIN (of one zone), referrals and errors, are set in proportion: a quarter, a half and a tenth. Clients with a valid DNS cookie, and all over TCP, are not limited [default: 10000]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l log-format -d 'How log lines look; they go to stderr [default: human]' -r -f -a "human\t'For people'
json\t'One JSON object a line'"
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l log-level -d 'From which level on to log: error, warn, info, debug or trace; or for parts, as in info,ptrd_listen=debug [default: info]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l print -d 'Print the configuration in force, with the origin of each value, as TOML'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l example -d 'Print the file with every key at its default, commented, and do nothing else'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l json -d 'Show what was found as JSON'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l read-only -d 'Serve from the store without writing to it and without an admin socket'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -l hide-version -d 'Refuse version.bind and version.server'
complete -c ptrd -n "__fish_ptrd_using_subcommand check-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l listen -d 'Where to listen; the port is 25 unless given; repeat for each' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l name -d 'The name of this host, as its PTR has it' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l domain -d 'Take messages to recipients in this domain; repeat for each [default: that of --name]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l certificate -d 'A chain of certificates, PEM: TLS is offered with it' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l key -d 'Its private key, PEM' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l resolver -d 'Look names up with this resolver; repeat for each [default: those of /etc/resolv.conf]' -r
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l record -d 'Add a line of JSON for each message to this file [default: stdout]' -r -F
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -l accept -d 'Answer messages as if they were taken; they are refused otherwise, and kept in neither case'
complete -c ptrd -n "__fish_ptrd_using_subcommand probe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrd -n "__fish_ptrd_using_subcommand completion" -s h -l help -d 'Print help'
complete -c ptrd -n "__fish_ptrd_using_subcommand man" -s h -l help -d 'Print help'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "serve" -d 'Answers DNS and takes changes, until a signal ends it'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "restore" -d 'Puts a backup in the place of the store, while no daemon runs on it'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "check-store" -d 'Checks that the store agrees with itself: file, rows, log, serials, blocks'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "demo" -d 'Runs a server with examples on loopback, and prints commands to try'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "check-config" -d 'Says what is wrong with the configuration: all of it'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "probe" -d 'Receives test messages, and tells senders how their addresses are seen'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "completion" -d 'Completions for a shell, to stdout'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "man" -d 'The manual page of ptrd, or all pages into a folder'
complete -c ptrd -n "__fish_ptrd_using_subcommand help; and not __fish_seen_subcommand_from serve restore check-store demo check-config probe completion man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
