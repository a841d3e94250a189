# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ptrctl_global_optspecs
    string join \n socket= json reason= dry-run color= h/help V/version
end

function __fish_ptrctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ptrctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ptrctl_using_subcommand
    set -l cmd (__fish_ptrctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ptrctl -n "__fish_ptrctl_needs_command" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_needs_command" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_needs_command" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -s V -l version -d 'Print version'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "tenant" -d 'Owners of blocks and zones'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "block" -d 'Blocks of addresses: who has them, and which zones show them'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "ptr" -d 'PTRs, by address'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "lint" -d 'Names that look generic to spam filters: says which rule, what it costs, and why'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "check" -d 'Names that must resolve back to their address: how they stand, and stood before'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "posture" -d 'How identities of sending addresses and delegations of zones stand, and since when: for whoever watches them'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "sending" -d 'Addresses that send mail: their HELO names, MTAs and domains'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "explain" -d 'Says what a bounce means, for which address, and what to do'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "request-text" -d 'Writes the request for PTRs to whoever holds the addresses'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "verify" -d 'What the world sees of sending addresses: PTR, names that resolve back, HELO; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "forward" -d 'The records that names need on the forward side: written, or sent to whoever holds the zone'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "inspect" -d 'What a receiver wrote of the sender into a message: address, HELO, reverse DNS; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "mail-test" -d 'Sends a marked message from each address through its mail server, and says what came of them; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "report" -d 'A report on sending addresses, for people: what was asked, what is broken, what to do; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "mta" -d 'What mail servers are told, so that they use each address with its name; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "pending" -d 'PTRs that wait for their names to resolve back: list, drop'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "record" -d 'Records other than the PTRs of addresses'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "zone" -d 'Zones: list, import, export, and what they reference'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "ns-set" -d 'NS sets: the nameservers that many zones have in common'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "soa-template" -d 'SOA templates: the SOA that many zones have in common, and how serials step'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "access" -d 'Who may do more with zones than ask: transfer, announce, update, forward'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "names" -d 'Who holds names of companion zones, in which addresses follow from PTRs: allow, revoke, list'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "key" -d 'Keys that are shared with other servers and clients (TSIG): add, show, remove'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "token" -d 'Tokens of the API: make, list, revoke'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "notify" -d 'Who is told that zones have changed (NOTIFY), and what became of it'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "catalog" -d 'Catalogs of zones, by which servers learn what to serve (RFC 9432)'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "rir" -d 'Registries: what they want before they delegate the zones of a block'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "defaults" -d 'The NS set and the SOA template that new zones reference, and TTLs'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "log" -d 'Who changed what, when, from where and why; newest first'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "diff" -d 'What came, changed and went between two points of the log'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "rollback" -d 'Undoes a change, where what it left is still so'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "backup" -d 'Copies the store into a file while ptrd goes on'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "standby" -d 'Servers that follow this one and can take its place, or the one that it follows'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "promote" -d 'Lets a standby take its primary\'s place'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "status" -d 'How ptrd is'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "reload" -d 'Makes ptrd read its configuration again, and says what that changed'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "completion" -d 'Completions for a shell, to stdout'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "man" -d 'The manual page of ptrctl, or all pages into a folder'
complete -c ptrctl -n "__fish_ptrctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -f -a "add" -d 'Adds a tenant'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -f -a "remove" -d 'Removes a tenant that owns nothing any more'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -f -a "set" -d 'Says whose customer a tenant is: its reseller may give it blocks inside its own'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -f -a "show" -d 'Shows a tenant'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -f -a "list" -d 'Lists tenants, with the number of their blocks and zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and not __fish_seen_subcommand_from add remove set show list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l expect -d 'Only if it still has this version, as `tenant show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l reseller -d 'The reseller, a tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l expect -d 'Only if it still has this version, as `tenant show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l no-reseller -d 'Nobody\'s customer'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds a tenant'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Removes a tenant that owns nothing any more'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "set" -d 'Says whose customer a tenant is: its reseller may give it blocks inside its own'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows a tenant'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists tenants, with the number of their blocks and zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "add" -d 'Adds a block, and the zones or the delegation that follow from it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "list" -d 'Lists blocks, in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "show" -d 'Shows all there is to know of a block'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "remove" -d 'Removes a block, its zones and derived records'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "set" -d 'Alters how the addresses of a block are named, what is asked of names, and what its tenant may do'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "transfer" -d 'Gives a block to another tenant, with its zones and without its PTRs'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "suspend" -d 'Hides a block: its addresses are answered as if they had no PTRs, and its tenant can change nothing'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "resume" -d 'Shows a suspended block again, as it was'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "relabel" -d 'Gives a classless block another label, and answers for the old one for a while'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "split" -d 'Makes several blocks of one; answers stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "merge" -d 'Makes one block of several that follow one another; answers stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "parent-records" -d 'Prints what the operator of the parent zone must publish, in BIND\'s format'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and not __fish_seen_subcommand_from add list show remove set transfer suspend resume relabel split merge parent-records help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l tenant -d 'The owner' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l classless -d 'The label of the classless zone: first-len (64-26), first-last (64-127), slash (64/26) or label=TEXT' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l apex -d 'The apex of the classless zone in full, anywhere in DNS' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l delegate -d 'Hand the addresses to the customer\'s nameservers: its zones, one classless zone, or an NS cut per address' -r -f -a "zone\t'The range zones of the block'
classless\t'A classless zone, with CNAMEs in the parent'
ns\t'One NS cut for each address'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l ns -d 'A nameserver of the customer, with glue for a name at or below the cut; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l ds -d 'DS data of a delegated zone; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l default-ttl -d 'TTL of PTRs that have none of their own: seconds, or 1h30m' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l template -d 'How addresses without a PTR are named: text with fields, `none`, or `inherit` from the block around it. Fields are {a} {b} {c} {d} (octets), {1} to {8} (IPv6 groups), {ip}, {hex}, {n+0} or {n+1} (which address of the block it is, from 0 or 1 on), some with a width and a base (d, o, x) after a colon: {d:3}, {n+1:4x}' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l template-from -d 'The template in the words of another server: the data of a $GENERATE (BIND), synth-domain=… (dnsmasq), createReverse(\'…\') (PowerDNS)' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l names -d 'Names that look generic to spam filters: any, warn or must-pass; as the block around it says, in the end warn, unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l fcrdns -d 'Names that do not resolve back to their address: off, warn, require (they wait until they do) or strict (they are refused); as the block around it says, in the end off, unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l ns-set -d 'The NS set that its zones reference; `default` unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l soa-template -d 'The SOA template that its zones reference; `default` unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l ptrs -d 'What becomes of PTRs of another tenant, where the block lies inside one of theirs' -r -f -a "clear\t'They are deleted'
keep\t'They stay'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l own-zone -d 'Add zones even where a zone served here covers the range already'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l observed -d 'The addresses are a third party\'s: no zone is made and nothing is answered; they may be marked as sending, and are reported and watched'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l only-ptrd -d 'Also where a zone comes to have more computed names than a transfer sends (1048576): its secondaries, if any, are ptrd, which takes the template instead'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l may-sub-block -d 'Let its tenant make and remove blocks inside it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l tenant -d 'Only blocks of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l around -d 'Only blocks around this address or range, the most specific one first' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l ptrs -d 'What becomes of its PTRs: without this, an enclosing block of the same tenant takes them over, and under one of another tenant they are deleted' -r -f -a "clear\t'They are deleted'
keep\t'They stay'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l expect -d 'Only if it still has this version, as `block show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l clear -d 'Delete the PTRs in it and the records of its zones too'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l may-sub-block -d 'Whether its tenant may make and remove blocks inside it' -r -f -a "yes\t''
no\t''"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l template -d 'How addresses without a PTR are named: text with fields, `none`, or `inherit` from the block around it; for the fields see `block add --help`' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l template-from -d 'The template in the words of another server: the data of a $GENERATE (BIND), synth-domain=… (dnsmasq), createReverse(\'…\') (PowerDNS)' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l names -d 'Names that look generic to spam filters: any lets them through, warn tells whoever sets one, must-pass refuses them; inherit is as the block around it says' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l fcrdns -d 'Names that do not resolve back to their address: off lets them through, warn tells whoever sets one, require has them wait until they do, strict refuses them; inherit is as the block around it says' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l only-ptrd -d 'Also where a zone comes to have more computed names than a transfer sends (1048576): its secondaries, if any, are ptrd, which takes the template instead'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l to -d 'The new owner' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l ptrs -d 'What becomes of the PTRs' -r -f -a "clear\t'They are deleted'
keep\t'They stay'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l recursive -d 'Also what else the old tenant has inside: blocks, and zones that were imported'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from transfer" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from suspend" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from suspend" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from suspend" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from suspend" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from suspend" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from resume" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from resume" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from resume" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from resume" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from resume" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l classless -d 'The new label: first-len (64-26), first-last (64-127), slash (64/26) or label=TEXT' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l apex -d 'The new apex in full, anywhere in DNS' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l grace -d 'Answer for an old classless label for this long, 0 for not at all: seconds, or 2d; unless given, until no cache can hold a CNAME to it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l keep-old -d 'Answer for an old classless label until `block relabel --finish`'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l finish -d 'Stop answering for the labels that it had before'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from relabel" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l at -d 'The first address of another part; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l into -d 'Into prefixes of this length' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l grace -d 'Answer for an old classless label for this long, 0 for not at all: seconds, or 2d; unless given, until no cache can hold a CNAME to it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l keep-old -d 'Answer for an old classless label until `block relabel --finish`'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from split" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l grace -d 'Answer for an old classless label for this long, 0 for not at all: seconds, or 2d; unless given, until no cache can hold a CNAME to it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l keep-old -d 'Answer for an old classless label until `block relabel --finish`'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from parent-records" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from parent-records" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from parent-records" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from parent-records" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from parent-records" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from parent-records" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds a block, and the zones or the delegation that follow from it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists blocks, in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows all there is to know of a block'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Removes a block, its zones and derived records'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "set" -d 'Alters how the addresses of a block are named, what is asked of names, and what its tenant may do'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "transfer" -d 'Gives a block to another tenant, with its zones and without its PTRs'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "suspend" -d 'Hides a block: its addresses are answered as if they had no PTRs, and its tenant can change nothing'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Shows a suspended block again, as it was'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "relabel" -d 'Gives a classless block another label, and answers for the old one for a while'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "split" -d 'Makes several blocks of one; answers stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "merge" -d 'Makes one block of several that follow one another; answers stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "parent-records" -d 'Prints what the operator of the parent zone must publish, in BIND\'s format'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand block; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "set" -d 'Sets the names of an address, in place of those that it has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "add" -d 'Adds names to those of an address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "get" -d 'Shows the names of an address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "delete" -d 'Deletes the names of an address, all or some'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "list" -d 'Lists PTRs, in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "fill" -d 'Sets a name on every address of a range, from a pattern'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "import" -d 'Sets PTRs from a CSV file, all or none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and not __fish_seen_subcommand_from set add get delete list fill import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l ttl -d 'TTL: seconds, or 1h30m; that of the block unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l expect -d 'Only if the address still has this version; `absent` for none' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l lax -d 'Allow underscores in names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l ttl -d 'TTL: seconds, or 1h30m; that of the block unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l expect -d 'Only if the address still has this version; `absent` for none' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l lax -d 'Allow underscores in names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from get" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from get" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from get" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from get" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from get" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -l expect -d 'Only if the address still has this version' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l pattern -d 'The name, with places to fill in' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l start -d 'What {n} starts with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l ttl -d 'TTL: seconds, or 1h30m; that of the block unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l keep -d 'Leave addresses alone that have a name already'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l lax -d 'Allow underscores in names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from fill" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -l lax -d 'Allow underscores in names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "set" -d 'Sets the names of an address, in place of those that it has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds names to those of an address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "get" -d 'Shows the names of an address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Deletes the names of an address, all or some'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists PTRs, in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "fill" -d 'Sets a name on every address of a range, from a pattern'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "import" -d 'Sets PTRs from a CSV file, all or none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ptr; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l sending -d 'Only addresses that are marked as sending, with the names that they give in HELO'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand lint" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l state -d 'Only those that stand so' -r -f -a "verified\t'All of its names resolve back'
failing\t'Some name does not'
unknown\t'It could not be found out'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l now -d 'Look at their names now'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l kind -d 'Only identities of addresses, or delegations of zones' -r -f -a "identity\t'Sending addresses'
delegation\t'Delegations of zones'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l failing -d 'Only what fails'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l survey -d 'What the last looks saw, as lines of JSON'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -a "check" -d 'Looks now, and shows how it stands'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and not __fish_seen_subcommand_from check help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from check" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from check" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from check" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from check" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from check" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from help" -f -a "check" -d 'Looks now, and shows how it stands'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand posture; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "set" -d 'Marks an address as one that sends mail, in place of the mark that it has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "get" -d 'Shows how an address is marked, and what names it has here'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "clear" -d 'Takes the marks of addresses away'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "list" -d 'Lists the addresses that send mail, in their order'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "import" -d 'Marks addresses from a CSV file, all or none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "export" -d 'Writes the inventory as CSV, as `import` takes it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and not __fish_seen_subcommand_from set get clear list import export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l helo -d 'The name that it gives in HELO or EHLO' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l mta -d 'A label for the host or pool that sends from it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l domain -d 'A domain that it sends for; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l expect -d 'Only if the mark still has this version; `absent` for none' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from get" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from get" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from get" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from get" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from get" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -l expect -d 'For one address: only if its mark still has this version' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l tenant -d 'Only addresses of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l mta -d 'Only those with this label' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l domain -d 'Only those that send for this domain' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -l replace -d 'Also take the marks away that addresses of this range have and the file has not' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l tenant -d 'Only addresses of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l mta -d 'Only those with this label' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l domain -d 'Only those that send for this domain' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "set" -d 'Marks an address as one that sends mail, in place of the mark that it has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "get" -d 'Shows how an address is marked, and what names it has here'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "clear" -d 'Takes the marks of addresses away'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists the addresses that send mail, in their order'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "import" -d 'Marks addresses from a CSV file, all or none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "export" -d 'Writes the inventory as CSV, as `import` takes it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand sending; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -l address -d 'The address that sent, where the text does not say it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand explain" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -l lang -d 'The language; `en` is all there is' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand request-text" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l resolver -d 'Ask this resolver: an address, google, cloudflare or quad9. Repeatable [default: those three]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l roots -d 'Where the root is: an address, or a file of hints. Repeatable [default: the public root]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l sample -d 'Ask resolvers about so many addresses, evenly spread, and about those that send mail' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l rate -d 'Questions a second to each server, at most [default: 50; 1000 on this host and private networks]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l timeout -d 'How long to wait for an answer, in seconds' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l state -d 'Keep what was found in this file, and go on from it' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l only -d 'Show only what came out so. Repeatable' -r -f -a "pass\t'As it should be'
warn\t'It could be better'
unknown\t'It could not be found out'
fail\t'Receivers will hold it against the address'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l authoritative -d 'Also ask the nameservers themselves, from the root down, about all addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l yes -d 'Do not ask before many questions are sent'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l zone -d 'Only names in this zone' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l ttl -d 'TTL of records whose PTR has none of its own, in seconds' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l format -d 'How to write them' -r -f -a "bind\t'Lines of a master file'
nsupdate\t'A script for nsupdate'
csv\t'name,ttl,type,address'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l push -d 'Send them to this server, by DNS UPDATE over TCP' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l key -d 'The key (TSIG) to sign with: a file with a `key` statement, as nsupdate -k reads it' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l replace -d 'Take away other addresses of the same family that such a name has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l yes -d 'Do not ask before addresses are taken away'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand forward" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l trust -d 'Hosts below this domain, whose names resolve back, or with this address belong to the receiver. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l against -d 'What addresses are to be: a file as CSV (address,helo,…) [default: what ptrd has of them, where it answers]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l from -d 'Send from these: addresses, prefixes, and files as CSV: address,helo,mta,domains' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l to -d 'To these recipients, each a message from each address' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l match -d 'Look for what was sent in these: messages, folders of messages, maildirs, records of `ptrd probe`' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l state -d 'Where the marks are kept: a new file to send, the same to look for them' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l via -d 'Through this mail server; port 587 unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l sendmail -d 'Through this program, which takes messages as sendmail does' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l tls -d 'When TLS is spoken with it [default: none with this host, implicit on port 465, else starttls]' -r -f -a "none\t'Never'
starttls\t'After STARTTLS, or nothing is sent'
implicit\t'From the first octet'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l auth -d 'A file that nobody else may read: USER:PASSWORD' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l ca-file -d 'The authorities that its certificate is checked against, PEM' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l label -d 'Only addresses with this label of a mail server' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l mailbox -d 'The sender\'s mailbox, which each sender domain must have' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l others -d 'A domain that no address is marked for: from it for the addresses that are for all others' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l pause -d 'How long to wait between messages: 2s, 1m' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l trust -d 'Hosts below this domain, whose names resolve back, or with this address belong to the receiver. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l yes -d 'Do not ask before many messages are sent'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mail-test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l resolver -d 'Ask this resolver: an address, google, cloudflare or quad9. Repeatable [default: those three]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l roots -d 'Where the root is: an address, or a file of hints. Repeatable [default: the public root]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l sample -d 'Ask resolvers about so many addresses, evenly spread, and about those that send mail' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l rate -d 'Questions a second to each server, at most [default: 50; 1000 on this host and private networks]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l timeout -d 'How long to wait for an answer, in seconds' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l state -d 'Keep what was found in this file, and go on from it' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l from -d 'Ask nobody: take what `ptrctl verify` kept with --state or printed with --json, or a report as JSON' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l probe -d 'What `ptrd probe` saw, as lines of JSON. Repeatable' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l seen -d 'What receivers saw, as `ptrctl inspect` and `ptrctl mail-test --match` print it with --json. Repeatable' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l rir -d 'How the zones stand, as `ptrctl rir check` prints it with --json or keeps it with --state. Repeatable' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l format -d 'What to write [default: as the name of the file ends, else md]' -r -f -a "json\t'The whole report, for programs, and to make the others from'
md\t'Markdown'
html\t'One file of HTML, without a script'
pdf\t'PDF, tagged (PDF/UA-1)'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -s o -l output -d 'The file to write; to stdout unless given' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l title -d 'What the report is called' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l registry -d 'Whose the addresses are: ripe, arin, apnic, afrinic or lacnic; all are spoken of unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l details -d 'How many addresses are shown with all that was asked, the worst first [default: 100]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l authoritative -d 'Also ask the nameservers themselves, from the root down, about all addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l yes -d 'Do not ask before many questions are sent'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -f -a "postfix" -d 'For Postfix 3.7 or newer: master.cf, main.cf, and a table of senders'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -f -a "exim" -d 'For Exim 4.94 or newer: routers and transports'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -f -a "powermta" -d 'For PowerMTA: virtual MTAs, pools, and a list of patterns'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -f -a "kumomta" -d 'For KumoMTA: sources, pools, and what picks them, in Lua'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and not __fish_seen_subcommand_from postfix exim powermta kumomta help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l label -d 'Only addresses with this label of a mail server' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l folder -d 'Write each part into a file of its own in this folder, which is made if it is missing' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from postfix" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l label -d 'Only addresses with this label of a mail server' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l folder -d 'Write each part into a file of its own in this folder, which is made if it is missing' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from exim" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l label -d 'Only addresses with this label of a mail server' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l folder -d 'Write each part into a file of its own in this folder, which is made if it is missing' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from powermta" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l label -d 'Only addresses with this label of a mail server' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l helo -d 'The name that an address gives in HELO. Repeatable' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l folder -d 'Write each part into a file of its own in this folder, which is made if it is missing' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from kumomta" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from help" -f -a "postfix" -d 'For Postfix 3.7 or newer: master.cf, main.cf, and a table of senders'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from help" -f -a "exim" -d 'For Exim 4.94 or newer: routers and transports'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from help" -f -a "powermta" -d 'For PowerMTA: virtual MTAs, pools, and a list of patterns'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from help" -f -a "kumomta" -d 'For KumoMTA: sources, pools, and what picks them, in Lua'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand mta; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -f -a "list" -d 'Lists them, with the records that their names need; in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -f -a "drop" -d 'Drops one: what the address has now stays'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and not __fish_seen_subcommand_from list drop help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from drop" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from drop" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from drop" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from drop" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from drop" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from drop" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists them, with the records that their names need; in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from help" -f -a "drop" -d 'Drops one: what the address has now stays'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand pending; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -f -a "set" -d 'Sets the records of an owner and type, in place of those that are there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -f -a "add" -d 'Adds records to those of an owner and type'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -f -a "delete" -d 'Deletes records of an owner: of all types, of one, or some of one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -f -a "list" -d 'Lists records, with those that follow from blocks, NS sets and SOA templates'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and not __fish_seen_subcommand_from set add delete list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l ttl -d 'TTL: seconds, or 1h30m; that of the zone unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l zone -d 'The zone, if not the deepest that the owner falls into' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l expect -d 'Only if the RRset still has this version; `absent` for none' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l ttl -d 'TTL: seconds, or 1h30m; that of the zone unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l zone -d 'The zone, if not the deepest that the owner falls into' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l expect -d 'Only if the RRset still has this version; `absent` for none' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l zone -d 'The zone, if not the deepest that the owner falls into' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l expect -d 'Only if the RRset still has this version' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l owner -d 'Only of this owner' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l type -d 'Only of this type' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from help" -f -a "set" -d 'Sets the records of an owner and type, in place of those that are there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds records to those of an owner and type'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Deletes records of an owner: of all types, of one, or some of one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists records, with those that follow from blocks, NS sets and SOA templates'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand record; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "add" -d 'Adds an empty zone of any name, with copies of SOA and NS of the defaults'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "import" -d 'Imports zones from master files, configurations of BIND, NSD and Knot, PowerDNS databases'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "adopt" -d 'Makes imported reverse zones native: their PTRs and ranges are managed as blocks from then on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "export" -d 'Writes a zone as a master file'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "list" -d 'Lists zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "set" -d 'Sets which NS set and SOA template zones reference, how their serials step, whether addresses follow in them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "show" -d 'Shows a zone\'s owner, kind, serial and what it references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "follow" -d 'Pulls a zone from primaries elsewhere from now on (a secondary), or from other ones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "unfollow" -d 'Makes a zone that is followed a zone of our own'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "refresh" -d 'Asks the primaries of a zone that is followed now'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "transfer-in" -d 'Takes zones over from another server, once: they are zones of our own then'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "compare" -d 'Compares zones with what another server has of them, before their delegation is moved'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "remove" -d 'Stops serving an imported zone and deletes its records'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and not __fish_seen_subcommand_from add import adopt export list set show follow unfollow refresh transfer-in compare remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l tenant -d 'The owner' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l ns-set -d 'The NS set that it references, in place of copies of the defaults' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l soa-template -d 'The SOA template that it references, in place of a copy of the defaults' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l companion -d 'A companion zone: A and AAAA records follow in it from PTRs'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l tenant -d 'The owner of the zones; with --map, of those that it does not speak of' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l map -d 'Whose each zone is: lines of `zones,tenant`, by apex, range or pattern' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l from -d 'What the file is; found by its content unless given' -r -f -a "master\t'Master files, and folders of them'
bind\t'BIND\'s named.conf'
nsd\t'NSD\'s nsd.conf'
knot\t'Knot\'s knot.conf'
powerdns\t'PowerDNS\'s SQLite database'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l view -d 'Of BIND\'s views, the one whose zones to import' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l apex -d 'The apex, for a single file that does not say it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l expect -d 'For a single file: only if the zone still has this version, as `zone show` shows it; `absent` for none' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l replace -d 'Replace imported zones that are there already'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l keep-serial -d 'With --replace: take the serial of the file, even one behind that which is served'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l keep-going -d 'Import the good files and report the others; all or nothing unless given'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -l all -d 'Every imported zone that can be adopted; the others stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -s y -l yes -d 'Do not ask'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from adopt" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -s o -l output -d 'Where to; stdout unless given' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l tenant -d 'Only zones of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l kind -d 'Only zones of this kind' -r -f -a "range\t'Made by a block, on an octet or nibble boundary'
classless\t'Made by a block, below such a zone or anywhere'
verbatim\t'Imported'
companion\t'One in which addresses follow from PTRs'
catalog\t'A list of zones, for secondaries'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l ns-set -d 'Only zones that reference this NS set' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l soa-template -d 'Only zones that reference this SOA template' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l ns-set -d 'The NS set; `own` for records of an imported zone\'s own' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l soa-template -d 'The SOA template; `own` for a SOA of an imported zone\'s own' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l serial-policy -d 'counter, date (YYYYMMDDnn) or unixtime; `template` follows the SOA template' -r -f -a "counter\t''
date\t''
unixtime\t''
template\t''"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l companion -d 'Whether A and AAAA records follow in it from PTRs; see `zone add`' -r -f -a "on\t''
off\t''"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l expect -d 'Of a single zone: only if it still has this version, as `zone show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l from -d 'A nameserver to pull from, with a port unless that is 53, or 853 over TLS; several are tried in turn' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l key -d 'The TSIG key that requests are signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l tls -d 'Over TLS (RFC 9103)' -r -f -a "opportunistic\t'Whoever answers'
strict\t'One who proves to be whom it should be'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l tls-name -d 'Strict: the name that its certificate is for' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l tls-ca -d 'Strict: a file on the server with the certificates of authorities, PEM' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l tls-pin -d 'Strict: the SHA-256 of its public key, base64; may be given again' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l tenant -d 'The owner, of a zone that is new here' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l take-over -d 'Let what the primary sends stand in the place of what an imported zone has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from follow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from unfollow" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from unfollow" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from unfollow" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from unfollow" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from unfollow" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from unfollow" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -l whole -d 'Pull the whole zone, whatever its serial'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l list -d 'A file with an apex a line; `-` is stdin' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l from -d 'A nameserver to pull from, with a port unless that is 53, or 853 over TLS; several are tried in turn' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l key -d 'The TSIG key that requests are signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l tls -d 'Over TLS (RFC 9103)' -r -f -a "opportunistic\t'Whoever answers'
strict\t'One who proves to be whom it should be'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l tls-name -d 'Strict: the name that its certificate is for' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l tls-ca -d 'Strict: a file on the server with the certificates of authorities, PEM' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l tls-pin -d 'Strict: the SHA-256 of its public key, base64; may be given again' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l tenant -d 'The owner' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l replace -d 'Replace imported zones that are here already'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from transfer-in" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l list -d 'A file with an apex a line; `-` is stdin' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l from -d 'A nameserver to pull from, with a port unless that is 53, or 853 over TLS; several are tried in turn' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l key -d 'The TSIG key that requests are signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l tls -d 'Over TLS (RFC 9103)' -r -f -a "opportunistic\t'Whoever answers'
strict\t'One who proves to be whom it should be'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l tls-name -d 'Strict: the name that its certificate is for' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l tls-ca -d 'Strict: a file on the server with the certificates of authorities, PEM' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l tls-pin -d 'Strict: the SHA-256 of its public key, base64; may be given again' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -l expect -d 'Only if it still has this version, as `zone show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds an empty zone of any name, with copies of SOA and NS of the defaults'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "import" -d 'Imports zones from master files, configurations of BIND, NSD and Knot, PowerDNS databases'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "adopt" -d 'Makes imported reverse zones native: their PTRs and ranges are managed as blocks from then on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "export" -d 'Writes a zone as a master file'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "set" -d 'Sets which NS set and SOA template zones reference, how their serials step, whether addresses follow in them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows a zone\'s owner, kind, serial and what it references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "follow" -d 'Pulls a zone from primaries elsewhere from now on (a secondary), or from other ones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "unfollow" -d 'Makes a zone that is followed a zone of our own'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "refresh" -d 'Asks the primaries of a zone that is followed now'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "transfer-in" -d 'Takes zones over from another server, once: they are zones of our own then'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "compare" -d 'Compares zones with what another server has of them, before their delegation is moved'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Stops serving an imported zone and deletes its records'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand zone; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "add" -d 'Adds an NS set'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "set" -d 'Gives a set other nameservers, and with it all zones that reference it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "rename" -d 'Gives a set another name'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "list" -d 'Lists NS sets, with the number of zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "show" -d 'Shows a set'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "remove" -d 'Removes a set that no zone references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l ns -d 'The nameservers, in order; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l ttl -d 'TTL of the NS records: seconds, or 1h30m; the zone TTL of the defaults unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l ns -d 'The nameservers, in order; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l ttl -d 'TTL of the NS records: seconds, or 1h30m' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l expect -d 'Only if it still has this version, as `ns-set show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l inherit-ttl -d 'Take the zone TTL of the defaults again'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -l expect -d 'Only if it still has this version, as `ns-set show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -l expect -d 'Only if it still has this version, as `ns-set show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds an NS set'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "set" -d 'Gives a set other nameservers, and with it all zones that reference it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Gives a set another name'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists NS sets, with the number of zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows a set'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Removes a set that no zone references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand ns-set; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "add" -d 'Adds a SOA template'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "set" -d 'Changes a template, and with it all zones that reference it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "rename" -d 'Gives a template another name'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "list" -d 'Lists SOA templates, with the number of zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "show" -d 'Shows a template'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "remove" -d 'Removes a template that no zone references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and not __fish_seen_subcommand_from add set rename list show remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l mname -d 'MNAME, where it is not the first nameserver' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l rname -d 'The mailbox of the person in charge, as a name: hostmaster.example.net' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l refresh -d 'REFRESH: seconds, or 1h30m' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l retry -d 'RETRY' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l expire -d 'EXPIRE' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l minimum -d 'MINIMUM: how long it is remembered that a name is not there' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l ttl -d 'TTL of the SOA record; the zone TTL of the defaults unless ever given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l serial-policy -d 'How serials of its zones step' -r -f -a "counter\t'One more than the last'
date\t'YYYYMMDDnn in UTC'
unixtime\t'Seconds since 1970'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l mname -d 'MNAME, where it is not the first nameserver' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l rname -d 'The mailbox of the person in charge, as a name: hostmaster.example.net' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l refresh -d 'REFRESH: seconds, or 1h30m' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l retry -d 'RETRY' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l expire -d 'EXPIRE' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l minimum -d 'MINIMUM: how long it is remembered that a name is not there' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l ttl -d 'TTL of the SOA record; the zone TTL of the defaults unless ever given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l serial-policy -d 'How serials of its zones step' -r -f -a "counter\t'One more than the last'
date\t'YYYYMMDDnn in UTC'
unixtime\t'Seconds since 1970'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l expect -d 'Only if it still has this version, as `soa-template show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l inherit-mname -d 'Take the first nameserver as MNAME again'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l inherit-ttl -d 'Take the zone TTL of the defaults again'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -l expect -d 'Only if it still has this version, as `soa-template show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -l expect -d 'Only if it still has this version, as `soa-template show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds a SOA template'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "set" -d 'Changes a template, and with it all zones that reference it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Gives a template another name'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists SOA templates, with the number of zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows a template'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Removes a template that no zone references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand soa-template; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -f -a "allow" -d 'Lets somebody transfer zones, announce their changes, update them or have updates passed on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -f -a "revoke" -d 'Takes a permission back'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -f -a "list" -d 'Lists permissions'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and not __fish_seen_subcommand_from allow revoke list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l from -d 'From where: an address, a prefix or a range; from anywhere unless given, which takes a key' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l key -d 'The TSIG key that requests must be signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l zone -d 'Only this zone; all zones unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l tenant -d 'Only the zones of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from allow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l from -d 'From where: an address, a prefix or a range; from anywhere unless given, which takes a key' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l key -d 'The TSIG key that requests must be signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l zone -d 'Only this zone; all zones unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l tenant -d 'Only the zones of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l action -d 'Only those for this' -r -f -a "transfer\t'To transfer zones (AXFR, IXFR)'
notify\t'To announce changes of zones that are pulled from others (NOTIFY)'
update\t'To change records (DNS UPDATE)'
forward\t'To have updates of zones that are pulled from others passed on to their primaries'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l zone -d 'Only those that count for this zone' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "allow" -d 'Lets somebody transfer zones, announce their changes, update them or have updates passed on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Takes a permission back'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists permissions'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -f -a "allow" -d 'Grants a tenant a name of a companion zone, and all below it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -f -a "revoke" -d 'Takes a name back that was granted'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -f -a "list" -d 'Lists the names that others than the owners of their zones hold'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and not __fish_seen_subcommand_from allow revoke list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -l tenant -d 'Who holds it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from allow" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -l tenant -d 'Who holds it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l zone -d 'Only those in this zone' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l tenant -d 'Only those of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from help" -f -a "allow" -d 'Grants a tenant a name of a companion zone, and all below it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Takes a name back that was granted'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists the names that others than the owners of their zones hold'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand names; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -f -a "add" -d 'Adds a key, with a new secret or a given one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -f -a "list" -d 'Lists keys, and what may be done with each'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -f -a "show" -d 'Shows a key with its secret, as BIND, Knot, NSD and dig want it written'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -f -a "remove" -d 'Removes a key that no permission names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and not __fish_seen_subcommand_from add list show remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l algorithm -d 'How it signs; the last two only with a given secret, for peers that have nothing better' -r -f -a "hmac-sha256\t''
hmac-sha384\t''
hmac-sha512\t''
hmac-sha224\t''
hmac-sha1\t''"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l secret-file -d 'A file with the secret in base64; `-` is stdin. A new secret is made unless given' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -l format -d 'Only this form of it, to be put into a file; all unless given' -r -f -a "bind\t'A statement for named.conf; rndc, nsupdate -k and dig -k read it, too'
knot\t'A section for knot.conf'
nsd\t'A clause for nsd.conf'
dig\t'The argument of dig -y, kdig -y and nsupdate -y'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -l revoke -d 'Also take back the permissions that name it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds a key, with a new secret or a given one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists keys, and what may be done with each'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows a key with its secret, as BIND, Knot, NSD and dig want it written'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Removes a key that no permission names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -f -a "add" -d 'Makes a token, and shows it this once'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -f -a "list" -d 'Lists tokens, and when each was used last'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -f -a "show" -d 'Shows what a token may'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -f -a "revoke" -d 'Makes a token of no use, and with it those that were made with it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and not __fish_seen_subcommand_from add list show revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l tenant -d 'Whose it is: it is for that tenant\'s blocks' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l prefix -d 'Only for this part of the tenant\'s blocks; may be given several times' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l expires -d 'When it ends: a time, a date, or in how long, such as 90d; never unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l from -d 'From where it may be used: an address or a prefix; may be given several times' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l operator -d 'It may do what operators may'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l write -d 'It may make changes; without, it is for reading'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l tenant -d 'Only those of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from revoke" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from revoke" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from revoke" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "add" -d 'Makes a token, and shows it this once'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists tokens, and when each was used last'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows what a token may'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Makes a token of no use, and with it those that were made with it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -f -a "add" -d 'Lists an address that is told of changes, or another key for one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -f -a "remove" -d 'Strikes an address off'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -f -a "nameservers" -d 'Says whether the nameservers of zones are told, or listed addresses alone'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -f -a "list" -d 'Lists addresses, and what is said of nameservers'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -f -a "status" -d 'What waits, who answered when, what failed, and who is passed over and why'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and not __fish_seen_subcommand_from add remove nameservers list status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l zone -d 'Only this zone; all zones unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l tenant -d 'Only the zones of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l key -d 'The TSIG key that messages to it are signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l zone -d 'Only this zone; all zones unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l tenant -d 'Only the zones of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l zone -d 'Only this zone; all zones unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l tenant -d 'Only the zones of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from nameservers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l zone -d 'Only what counts for this zone' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l zone -d 'Only this zone' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l state -d 'Only what is in this state' -r -f -a "waiting\t'Not answered yet'
answered\t'Answered'
refused\t'Answered with an error, and not asked again for this serial'
failed\t'Given up'
skipped\t'Never told'
quiet\t'Not announced since the start'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l differs -d 'Only those that have had another serial for longer than a transfer takes, or say none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "add" -d 'Lists an address that is told of changes, or another key for one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Strikes an address off'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "nameservers" -d 'Says whether the nameservers of zones are told, or listed addresses alone'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists addresses, and what is said of nameservers'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "status" -d 'What waits, who answered when, what failed, and who is passed over and why'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "add" -d 'Adds a catalog'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "set" -d 'Says what a catalog lists'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "remove" -d 'Removes a catalog'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "follow" -d 'Follows a catalog of another server: what it lists is served here'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "group" -d 'Says what is otherwise for zones of a group, of a catalog that is followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "unfollow" -d 'Follows it no longer'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "list" -d 'Lists catalogs, ours and those that are followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "show" -d 'Shows what a catalog says of which zones, or how one stands that is followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "members" -d 'Lists the zones that a catalog lists'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and not __fish_seen_subcommand_from add set remove follow group unfollow list show members help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l tenant -d 'Whose zone it is' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l zones -d 'Which zones it lists: all, none, tenant=NAME, zone=APEX; repeat for more; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l group -d 'Their group, for secondaries that have a configuration for it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l zones -d 'Of which zones: all, tenant=NAME, zone=APEX; repeat for more' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l group -d 'They are listed, in this group' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l moves-to -d 'They are listed, and move to this catalog, which must list them next' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l leave-out -d 'They are not listed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l unset -d 'Nothing is said of exactly these: what is said of their tenant or of all counts'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from remove" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from remove" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from remove" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from remove" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l from -d 'A nameserver to pull from, with a port unless that is 53, or 853 over TLS; several are tried in turn' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l key -d 'The TSIG key that requests are signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l tls -d 'Over TLS (RFC 9103)' -r -f -a "opportunistic\t'Whoever answers'
strict\t'One who proves to be whom it should be'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l tls-name -d 'Strict: the name that its certificate is for' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l tls-ca -d 'Strict: a file on the server with the certificates of authorities, PEM' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l tls-pin -d 'Strict: the SHA-256 of its public key, base64; may be given again' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l tenant -d 'Whose the zones are that it lists; needed for a catalog that is new here' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from follow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l tenant -d 'Whose the zones are that come in this group, or come into it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l from -d 'A nameserver that zones in this group are pulled from; several are tried in turn' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l key -d 'The TSIG key that requests are signed with' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l tls -d 'Over TLS (RFC 9103)' -r -f -a "opportunistic\t'Whoever answers'
strict\t'One who proves to be whom it should be'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l tls-name -d 'Strict: the name that its certificate is for' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l tls-ca -d 'Strict: a file on the server with the certificates of authorities, PEM' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l tls-pin -d 'Strict: the SHA-256 of its public key, base64; may be given again' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l unset -d 'They are like others'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -l members -d 'What becomes of the zones that it lists' -r -f -a "keep\t'They stay, and are followed by themselves'
remove\t'They are removed'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from unfollow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -l limit -d 'Show at most this many; all unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from members" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "add" -d 'Adds a catalog'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "set" -d 'Says what a catalog lists'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Removes a catalog'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "follow" -d 'Follows a catalog of another server: what it lists is served here'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "group" -d 'Says what is otherwise for zones of a group, of a catalog that is followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "unfollow" -d 'Follows it no longer'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists catalogs, ours and those that are followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows what a catalog says of which zones, or how one stands that is followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "members" -d 'Lists the zones that a catalog lists'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -f -a "object" -d 'Prints what a registry wants to have for a block; or says what it does not do, and what to do instead'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -f -a "check" -d 'Looks at the nameservers of a block as registries do, before anything is sent there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -f -a "submit" -d 'Sends the objects of a block to RIPE or ARIN'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and not __fish_seen_subcommand_from object check submit help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l ns -d 'A nameserver, with addresses if its name lies below the zone; as ptrd has them unless given; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l ds -d 'DS data, with its zone before it where the block has several; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l registry -d 'Whose block it is: ripe, arin, apnic, afrinic or lacnic' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l existing -d 'A file with the reverse domains that the registry has already: names, or what its whois says' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l mnt-by -d 'The maintainer; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l admin-c -d 'The administrative contact; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l tech-c -d 'The technical contact; the administrative one unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l zone-c -d 'The contact for the zone; the technical one unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l org -d 'The organisation' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l descr -d 'A line of description' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l remarks -d 'A line of remarks' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l notify -d 'Who is told of changes, by mail' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l source -d 'The database, such as TEST; the registry\'s own unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from object" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l ns -d 'A nameserver, with addresses if its name lies below the zone; as ptrd has them unless given; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l ds -d 'DS data, with its zone before it where the block has several; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l registry -d 'Whose block it is, which says what its zones are: ripe, arin, apnic, afrinic or lacnic' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l zone -d 'Another zone than those that the registry delegates' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l profile -d 'A profile of Zonemaster in JSON, whose levels and limits take the place of the usual ones' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l level -d 'Show findings from this level on: info, notice, warning, error or critical' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l state -d 'Say what is otherwise than this file has, and write into it how things are' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l resolver -d 'A resolver for names of nameservers; those of /etc/resolv.conf unless given; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l port -d 'The port of the nameservers, for tests' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l no-resolver -d 'Resolve nothing: all addresses are given'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l ns -d 'A nameserver, with addresses if its name lies below the zone; as ptrd has them unless given; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l ds -d 'DS data, with its zone before it where the block has several; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l registry -d 'Whose block it is: ripe, arin, apnic, afrinic or lacnic' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l existing -d 'A file with the reverse domains that the registry has already: names, or what its whois says' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l mnt-by -d 'The maintainer; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l admin-c -d 'The administrative contact; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l tech-c -d 'The technical contact; the administrative one unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l zone-c -d 'The contact for the zone; the technical one unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l org -d 'The organisation' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l descr -d 'A line of description' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l remarks -d 'A line of remarks' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l notify -d 'Who is told of changes, by mail' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l source -d 'The database, such as TEST; the registry\'s own unless given' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l endpoint -d 'Where the registry has its interface, an https URL: see the examples' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l credential -d 'A file that nobody else may read: KEY:SECRET for RIPE, an API key for ARIN' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l ca-file -d 'The authorities that the registry\'s certificate is checked against, PEM' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l replace -d 'RIPE: take the place of objects that are there, one after the other'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from submit" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from help" -f -a "object" -d 'Prints what a registry wants to have for a block; or says what it does not do, and what to do instead'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from help" -f -a "check" -d 'Looks at the nameservers of a block as registries do, before anything is sent there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from help" -f -a "submit" -d 'Sends the objects of a block to RIPE or ARIN'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rir; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Shows the nameservers, SOA and TTLs that new zones start with'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Changes them, and with them the zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l ns -d 'The nameservers, the primary first; repeat for each' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l rname -d 'The mailbox of the person in charge, as a name: hostmaster.example.net' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l refresh -d 'SOA REFRESH' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l retry -d 'SOA RETRY' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l expire -d 'SOA EXPIRE' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l minimum -d 'SOA MINIMUM: how long it is remembered that a name is not there' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l zone-ttl -d 'TTL of SOA, NS and cuts' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l ptr-ttl -d 'TTL of PTRs that have none of their own' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l expect -d 'Only if they still have this version, as `defaults show` shows it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows the nameservers, SOA and TTLs that new zones start with'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from help" -f -a "set" -d 'Changes them, and with them the zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand defaults; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l actor -d 'Only changes by this user' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l kind -d 'Only changes of this kind: ptr-set, block-add, zone-import, rollback' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l address -d 'Only changes of the PTR of this address, or of a block around it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l range -l block -d 'Only changes of PTRs in this range, or of blocks that meet it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l zone -d 'Only changes that stepped this zone\'s serial, made it or removed it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l tenant -d 'Only changes of blocks, zones and PTRs of this tenant' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l since -d 'Only changes from this time on: RFC 3339, a date, or how long ago: 2h' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l until -d 'Only changes before this time' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l before -d 'Only changes before this number' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l limit -d 'At most this many' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -f -a "show" -d 'Shows what exactly a change did, row by row'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -f -a "prune" -d 'Takes old changes out of the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -f -a "retain" -d 'Says for how long changes stay in the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -f -a "limit" -d 'Says how much is kept for incremental transfers'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and not __fish_seen_subcommand_from show prune retain limit help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from show" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from show" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from show" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l keep -d 'Keep those that are younger than this: 90d, 12h' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l before -d 'Keep those from this time on: RFC 3339, a date, or how long ago' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l before-change -d 'Keep those from this number on' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from retain" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from retain" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from retain" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from retain" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from retain" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from retain" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from limit" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from limit" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from limit" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from limit" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from limit" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from limit" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows what exactly a change did, row by row'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Takes old changes out of the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "retain" -d 'Says for how long changes stay in the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "limit" -d 'Says how much is kept for incremental transfers'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l zone -d 'Only the records and the row of this zone' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l range -d 'Only PTRs in this range, and blocks that meet it' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand diff" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -l only-ptrd -d 'Let zones come to have more computed names than a transfer sends, as `block set --only-ptrd` does'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand rollback" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -l replace -d 'Write over a backup that is there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand backup" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -f -a "status" -d 'Who follows whom, and how far each has come'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and not __fish_seen_subcommand_from status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from status" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from status" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from status" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from status" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from status" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from help" -f -a "status" -d 'Who follows whom, and how far each has come'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand standby; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l margin -d 'How many changes the old primary may have made that are not here; serials go on past as many steps [default: 10000]' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l serials-past -d 'All serials go on past this one' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l ask -d 'A server that is asked for the serials that it holds, such as a secondary; may be given more than once' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand promote" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand status" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand status" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand status" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand status" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand status" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand status" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand reload" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand reload" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand reload" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand reload" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand reload" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand reload" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand completion" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand completion" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand completion" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand completion" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand completion" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand completion" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand man" -l socket -d 'The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]' -r -F
complete -c ptrctl -n "__fish_ptrctl_using_subcommand man" -l reason -d 'Why, for the change log' -r
complete -c ptrctl -n "__fish_ptrctl_using_subcommand man" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ptrctl -n "__fish_ptrctl_using_subcommand man" -l json -d 'Show ptrd\'s JSON as it came; of a listing, one document for each page'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand man" -l dry-run -d 'Check and plan a change, but do not make it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand man" -s h -l help -d 'Print help'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "tenant" -d 'Owners of blocks and zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "block" -d 'Blocks of addresses: who has them, and which zones show them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "ptr" -d 'PTRs, by address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "lint" -d 'Names that look generic to spam filters: says which rule, what it costs, and why'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "check" -d 'Names that must resolve back to their address: how they stand, and stood before'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "posture" -d 'How identities of sending addresses and delegations of zones stand, and since when: for whoever watches them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "sending" -d 'Addresses that send mail: their HELO names, MTAs and domains'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "explain" -d 'Says what a bounce means, for which address, and what to do'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "request-text" -d 'Writes the request for PTRs to whoever holds the addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "verify" -d 'What the world sees of sending addresses: PTR, names that resolve back, HELO; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "forward" -d 'The records that names need on the forward side: written, or sent to whoever holds the zone'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "inspect" -d 'What a receiver wrote of the sender into a message: address, HELO, reverse DNS; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "mail-test" -d 'Sends a marked message from each address through its mail server, and says what came of them; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "report" -d 'A report on sending addresses, for people: what was asked, what is broken, what to do; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "mta" -d 'What mail servers are told, so that they use each address with its name; needs no ptrd'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "pending" -d 'PTRs that wait for their names to resolve back: list, drop'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "record" -d 'Records other than the PTRs of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "zone" -d 'Zones: list, import, export, and what they reference'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "ns-set" -d 'NS sets: the nameservers that many zones have in common'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "soa-template" -d 'SOA templates: the SOA that many zones have in common, and how serials step'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "access" -d 'Who may do more with zones than ask: transfer, announce, update, forward'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "names" -d 'Who holds names of companion zones, in which addresses follow from PTRs: allow, revoke, list'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "key" -d 'Keys that are shared with other servers and clients (TSIG): add, show, remove'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "token" -d 'Tokens of the API: make, list, revoke'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "notify" -d 'Who is told that zones have changed (NOTIFY), and what became of it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "catalog" -d 'Catalogs of zones, by which servers learn what to serve (RFC 9432)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "rir" -d 'Registries: what they want before they delegate the zones of a block'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "defaults" -d 'The NS set and the SOA template that new zones reference, and TTLs'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "log" -d 'Who changed what, when, from where and why; newest first'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "diff" -d 'What came, changed and went between two points of the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "rollback" -d 'Undoes a change, where what it left is still so'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "backup" -d 'Copies the store into a file while ptrd goes on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "standby" -d 'Servers that follow this one and can take its place, or the one that it follows'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "promote" -d 'Lets a standby take its primary\'s place'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "status" -d 'How ptrd is'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "reload" -d 'Makes ptrd read its configuration again, and says what that changed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "completion" -d 'Completions for a shell, to stdout'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "man" -d 'The manual page of ptrctl, or all pages into a folder'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and not __fish_seen_subcommand_from tenant block ptr lint check posture sending explain request-text verify forward inspect mail-test report mta pending record zone ns-set soa-template access names key token notify catalog rir defaults log diff rollback backup standby promote status reload completion man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "add" -d 'Adds a tenant'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "remove" -d 'Removes a tenant that owns nothing any more'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "set" -d 'Says whose customer a tenant is: its reseller may give it blocks inside its own'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "show" -d 'Shows a tenant'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "list" -d 'Lists tenants, with the number of their blocks and zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "add" -d 'Adds a block, and the zones or the delegation that follow from it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "list" -d 'Lists blocks, in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "show" -d 'Shows all there is to know of a block'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "remove" -d 'Removes a block, its zones and derived records'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "set" -d 'Alters how the addresses of a block are named, what is asked of names, and what its tenant may do'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "transfer" -d 'Gives a block to another tenant, with its zones and without its PTRs'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "suspend" -d 'Hides a block: its addresses are answered as if they had no PTRs, and its tenant can change nothing'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "resume" -d 'Shows a suspended block again, as it was'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "relabel" -d 'Gives a classless block another label, and answers for the old one for a while'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "split" -d 'Makes several blocks of one; answers stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "merge" -d 'Makes one block of several that follow one another; answers stay as they are'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from block" -f -a "parent-records" -d 'Prints what the operator of the parent zone must publish, in BIND\'s format'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "set" -d 'Sets the names of an address, in place of those that it has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "add" -d 'Adds names to those of an address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "get" -d 'Shows the names of an address'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "delete" -d 'Deletes the names of an address, all or some'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "list" -d 'Lists PTRs, in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "fill" -d 'Sets a name on every address of a range, from a pattern'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ptr" -f -a "import" -d 'Sets PTRs from a CSV file, all or none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from posture" -f -a "check" -d 'Looks now, and shows how it stands'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from sending" -f -a "set" -d 'Marks an address as one that sends mail, in place of the mark that it has'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from sending" -f -a "get" -d 'Shows how an address is marked, and what names it has here'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from sending" -f -a "clear" -d 'Takes the marks of addresses away'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from sending" -f -a "list" -d 'Lists the addresses that send mail, in their order'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from sending" -f -a "import" -d 'Marks addresses from a CSV file, all or none'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from sending" -f -a "export" -d 'Writes the inventory as CSV, as `import` takes it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from mta" -f -a "postfix" -d 'For Postfix 3.7 or newer: master.cf, main.cf, and a table of senders'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from mta" -f -a "exim" -d 'For Exim 4.94 or newer: routers and transports'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from mta" -f -a "powermta" -d 'For PowerMTA: virtual MTAs, pools, and a list of patterns'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from mta" -f -a "kumomta" -d 'For KumoMTA: sources, pools, and what picks them, in Lua'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from pending" -f -a "list" -d 'Lists them, with the records that their names need; in the order of addresses'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from pending" -f -a "drop" -d 'Drops one: what the address has now stays'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from record" -f -a "set" -d 'Sets the records of an owner and type, in place of those that are there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from record" -f -a "add" -d 'Adds records to those of an owner and type'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from record" -f -a "delete" -d 'Deletes records of an owner: of all types, of one, or some of one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from record" -f -a "list" -d 'Lists records, with those that follow from blocks, NS sets and SOA templates'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "add" -d 'Adds an empty zone of any name, with copies of SOA and NS of the defaults'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "import" -d 'Imports zones from master files, configurations of BIND, NSD and Knot, PowerDNS databases'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "adopt" -d 'Makes imported reverse zones native: their PTRs and ranges are managed as blocks from then on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "export" -d 'Writes a zone as a master file'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "list" -d 'Lists zones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "set" -d 'Sets which NS set and SOA template zones reference, how their serials step, whether addresses follow in them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "show" -d 'Shows a zone\'s owner, kind, serial and what it references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "follow" -d 'Pulls a zone from primaries elsewhere from now on (a secondary), or from other ones'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "unfollow" -d 'Makes a zone that is followed a zone of our own'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "refresh" -d 'Asks the primaries of a zone that is followed now'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "transfer-in" -d 'Takes zones over from another server, once: they are zones of our own then'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "compare" -d 'Compares zones with what another server has of them, before their delegation is moved'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from zone" -f -a "remove" -d 'Stops serving an imported zone and deletes its records'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ns-set" -f -a "add" -d 'Adds an NS set'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ns-set" -f -a "set" -d 'Gives a set other nameservers, and with it all zones that reference it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ns-set" -f -a "rename" -d 'Gives a set another name'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ns-set" -f -a "list" -d 'Lists NS sets, with the number of zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ns-set" -f -a "show" -d 'Shows a set'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from ns-set" -f -a "remove" -d 'Removes a set that no zone references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from soa-template" -f -a "add" -d 'Adds a SOA template'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from soa-template" -f -a "set" -d 'Changes a template, and with it all zones that reference it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from soa-template" -f -a "rename" -d 'Gives a template another name'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from soa-template" -f -a "list" -d 'Lists SOA templates, with the number of zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from soa-template" -f -a "show" -d 'Shows a template'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from soa-template" -f -a "remove" -d 'Removes a template that no zone references'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from access" -f -a "allow" -d 'Lets somebody transfer zones, announce their changes, update them or have updates passed on'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from access" -f -a "revoke" -d 'Takes a permission back'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from access" -f -a "list" -d 'Lists permissions'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from names" -f -a "allow" -d 'Grants a tenant a name of a companion zone, and all below it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from names" -f -a "revoke" -d 'Takes a name back that was granted'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from names" -f -a "list" -d 'Lists the names that others than the owners of their zones hold'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "add" -d 'Adds a key, with a new secret or a given one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "list" -d 'Lists keys, and what may be done with each'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "show" -d 'Shows a key with its secret, as BIND, Knot, NSD and dig want it written'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "remove" -d 'Removes a key that no permission names'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "add" -d 'Makes a token, and shows it this once'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "list" -d 'Lists tokens, and when each was used last'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "show" -d 'Shows what a token may'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "revoke" -d 'Makes a token of no use, and with it those that were made with it'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "add" -d 'Lists an address that is told of changes, or another key for one'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "remove" -d 'Strikes an address off'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "nameservers" -d 'Says whether the nameservers of zones are told, or listed addresses alone'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "list" -d 'Lists addresses, and what is said of nameservers'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "status" -d 'What waits, who answered when, what failed, and who is passed over and why'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "add" -d 'Adds a catalog'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "set" -d 'Says what a catalog lists'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "remove" -d 'Removes a catalog'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "follow" -d 'Follows a catalog of another server: what it lists is served here'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "group" -d 'Says what is otherwise for zones of a group, of a catalog that is followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "unfollow" -d 'Follows it no longer'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "list" -d 'Lists catalogs, ours and those that are followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "show" -d 'Shows what a catalog says of which zones, or how one stands that is followed'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "members" -d 'Lists the zones that a catalog lists'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from rir" -f -a "object" -d 'Prints what a registry wants to have for a block; or says what it does not do, and what to do instead'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from rir" -f -a "check" -d 'Looks at the nameservers of a block as registries do, before anything is sent there'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from rir" -f -a "submit" -d 'Sends the objects of a block to RIPE or ARIN'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from defaults" -f -a "show" -d 'Shows the nameservers, SOA and TTLs that new zones start with'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from defaults" -f -a "set" -d 'Changes them, and with them the zones that reference them'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "show" -d 'Shows what exactly a change did, row by row'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "prune" -d 'Takes old changes out of the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "retain" -d 'Says for how long changes stay in the log'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "limit" -d 'Says how much is kept for incremental transfers'
complete -c ptrctl -n "__fish_ptrctl_using_subcommand help; and __fish_seen_subcommand_from standby" -f -a "status" -d 'Who follows whom, and how far each has come'
