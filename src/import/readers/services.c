/* services.c - see services.h. From the registry of IANA and the tables of Debian, Red Hat and
 * macOS; old names beside new ones, for both are met. */
#include "import/readers/services.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

struct service {
	const char *name;
	uint16_t port;
};

/* Sorted by name. */
static const struct service services[] = {
	{ "XmlIpcRegSvc", 9092 },
	{ "afs3-fileserver", 7000 },
	{ "amqp", 5672 },
	{ "amqps", 5671 },
	{ "auth", 113 },
	{ "bacula-dir", 9101 },
	{ "bacula-fd", 9102 },
	{ "bacula-sd", 9103 },
	{ "bgp", 179 },
	{ "commplex-link", 5001 },
	{ "commplex-main", 5000 },
	{ "cslistener", 9000 },
	{ "cvspserver", 2401 },
	{ "daap", 3689 },
	{ "ddi-tcp-1", 8888 },
	{ "distcc", 3632 },
	{ "docker", 2375 },
	{ "docker-s", 2376 },
	{ "domain", 53 },
	{ "domain-s", 853 },
	{ "eforward", 2181 },
	{ "epmap", 135 },
	{ "epmd", 4369 },
	{ "etcd-client", 2379 },
	{ "etcd-server", 2380 },
	{ "exec", 512 },
	{ "ftp", 21 },
	{ "ftp-data", 20 },
	{ "ftps", 990 },
	{ "ftps-data", 989 },
	{ "gearman", 4730 },
	{ "git", 9418 },
	{ "hbci", 3000 },
	{ "hp-pdl-datastr", 9100 },
	{ "http", 80 },
	{ "http-alt", 8080 },
	{ "https", 443 },
	{ "imap", 143 },
	{ "imap2", 143 },
	{ "imaps", 993 },
	{ "ipp", 631 },
	{ "irc", 194 },
	{ "ircd", 6667 },
	{ "ircs-u", 6697 },
	{ "irdmi", 8000 },
	{ "iscsi-target", 3260 },
	{ "isns", 3205 },
	{ "jabber-client", 5222 },
	{ "jabber-server", 5269 },
	{ "jetdirect", 9100 },
	{ "kerberos", 88 },
	{ "kpasswd", 464 },
	{ "ldap", 389 },
	{ "ldaps", 636 },
	{ "loc-srv", 135 },
	{ "login", 513 },
	{ "memcache", 11211 },
	{ "microsoft-ds", 445 },
	{ "mqtt", 1883 },
	{ "ms-sql-m", 1434 },
	{ "ms-sql-s", 1433 },
	{ "ms-wbt-server", 3389 },
	{ "mysql", 3306 },
	{ "nbd", 10809 },
	{ "ncube-lm", 1521 },
	{ "ndmp", 10000 },
	{ "netbios-ssn", 139 },
	{ "nfs", 2049 },
	{ "nntp", 119 },
	{ "nntps", 563 },
	{ "nrpe", 5666 },
	{ "nut", 3493 },
	{ "openvpn", 1194 },
	{ "opsmessaging", 8090 },
	{ "pcsync-https", 8443 },
	{ "pdl-datastream", 9100 },
	{ "pop3", 110 },
	{ "pop3s", 995 },
	{ "postgres", 5432 },
	{ "postgresql", 5432 },
	{ "printer", 515 },
	{ "puppet", 8140 },
	{ "radan-http", 8088 },
	{ "radius", 1812 },
	{ "redis", 6379 },
	{ "rfb", 5900 },
	{ "rmiregistry", 1099 },
	{ "rsync", 873 },
	{ "rtmp", 1935 },
	{ "rtsp", 554 },
	{ "secure-mqtt", 8883 },
	{ "shell", 514 },
	{ "sieve", 4190 },
	{ "sip", 5060 },
	{ "sip-tls", 5061 },
	{ "smtp", 25 },
	{ "smtps", 465 },
	{ "snet-sensor-mgmt", 10000 },
	{ "snmp", 161 },
	{ "socks", 1080 },
	{ "ssh", 22 },
	{ "submission", 587 },
	{ "submissions", 465 },
	{ "sunproxyadmin", 8081 },
	{ "sunrpc", 111 },
	{ "svn", 3690 },
	{ "syslog-tls", 6514 },
	{ "tacacs", 49 },
	{ "telnet", 23 },
	{ "telnets", 992 },
	{ "tproxy", 8081 },
	{ "urd", 465 },
	{ "vrace", 9300 },
	{ "wap-wsp", 9200 },
	{ "webcache", 8080 },
	{ "websm", 9090 },
	{ "whois", 43 },
	{ "wsman", 5985 },
	{ "wsmans", 5986 },
	{ "x11", 6000 },
	{ "xmpp-client", 5222 },
	{ "xmpp-server", 5269 },
	{ "zabbix-agent", 10050 },
	{ "zabbix-trapper", 10051 },
};

static int compare(const void *name, const void *row)
{
	const struct ta_slice *wanted = name;
	const char *have = ((const struct service *)row)->name;
	int order = strncmp(wanted->data, have, wanted->len);

	return order ? order : -(have[wanted->len] != '\0');
}

bool ta_service_port(struct ta_slice name, uint16_t *ret_port)
{
	const struct service *found;

	if (!name.len || memchr(name.data, '\0', name.len))
		return false;
	found = bsearch(&name, services, TA_ARRAY_SIZE(services), sizeof(*services), compare);
	if (!found)
		return false;
	*ret_port = found->port;
	return true;
}
