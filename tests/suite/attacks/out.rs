//! Reaching another machine, the host's services, or another run.

use std::time::Duration;

use crate::{
    attacks::attacks,
    support::{Server, engine, nonce, within},
};

attacks! { "out":
    no_address_can_be_reached => "addresses.py"
        .gets_only(&["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EINVAL", "EACCES", "ECONNREFUSED"]);
    no_service_of_the_host_listens_on_the_loopback => "loopback_ports.py".gets_only(&["ECONNREFUSED"]);
    no_name_can_be_resolved => "names.py".gets_only(&["gaierror", "EAI_AGAIN", "EBUSY", "ENOENT"]);
    no_name_can_be_resolved_by_node => "names.js".gets_only(&["EAI_AGAIN", "ENOTFOUND", "ECONNREFUSED", "ETIMEOUT", "EREFUSED"]);
    fetch_reaches_nothing => "fetch.js".gets_only(&["ENETUNREACH", "EHOSTUNREACH", "ECONNREFUSED", "EADDRNOTAVAIL"]);
    only_three_socket_families_can_be_had => "socket_families.py".says(
        "more than UNIX, INET, INET6 and the route family: []\n\
         PACKET: refused\nPACKET dgram: refused\nINET raw ICMP: refused\nINET raw: refused\nINET6 raw: refused\n\
         ALG: refused\nVSOCK: refused\nXDP: refused\nNETLINK audit: refused\nNETLINK netfilter: refused\n\
         NETLINK uevent: refused\nNETLINK crypto: refused\nNETLINK xfrm: refused\nNETLINK generic: refused\n\
         KEY: refused\n");
    no_socket_of_the_host_is_there => "sockets_of_the_host.py".gets_only(&["ENOENT", "ENOTDIR", "EACCES", "nothing"]);
    there_is_only_the_loopback_interface => "interfaces.py".says(
        "interfaces: ['lo']\nin /proc/net/dev: ['lo']\nroutes: 0\n");
    the_network_cannot_be_changed => "change_the_network.py"
        .gets_only(&["EPERM", "ENOENT", "EACCES", "ENODEV", "ENOPROTOOPT", "EINVAL", "EROFS"]);
}

#[test]
fn an_abstract_socket_of_one_run_cannot_be_reached_from_another() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let mark = nonce();
    let listen = format!(
        "import socket\ns = socket.socket(socket.AF_UNIX); s.bind('\\0x{mark}'); s.listen()\n\
         t = socket.socket(); t.bind(('0.0.0.0', 4711)); t.listen()\ns.settimeout(6)\n\
         try: print('REACHED', s.accept())\nexcept TimeoutError: print('alone')"
    );
    // Tries again and again, so that some tries fall into the time in which the other listens.
    let reach = format!(
        "import socket, time\nseen = set()\nfor n in range(20):\n \
         for family, address in ((socket.AF_UNIX, '\\0x{mark}'), (socket.AF_INET, ('127.0.0.1', 4711))):\n  \
         try: socket.socket(family).connect(address); seen.add('REACHED')\n  \
         except ConnectionRefusedError: seen.add('refused')\n time.sleep(0.1)\nprint(*seen)"
    );
    std::thread::scope(|scope| {
        let listener = scope.spawn(|| server.python(&listen));
        let listening = || (!engine::running(&server.deployment).is_empty()).then_some(());
        within(Duration::from_secs(60), listening).expect("the listener runs");
        server.python(&reach).printed("refused\n");
        listener.join().unwrap().printed("alone\n");
    });
}
