/* Unit tests of what --redact makes of names, addresses and texts: snapshot/redact.c and what it is
 * made of. What it makes of documents: tests/redact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"
#include "snapshot/document.h"
#include "snapshot/redact.h"
#include "snapshot/redact_name.h"
#include "snapshot/redact_text.h"

static void begin(struct ta_redaction *redaction)
{
	assert_true(ta_pseudonyms_init(&redaction->names, NULL));
	ta_address_book_init(&redaction->addresses);
}

static void end(struct ta_redaction *redaction)
{
	assert_false(redaction->names.failed);
	assert_false(redaction->addresses.failed);
	ta_pseudonyms_done(&redaction->names);
	ta_address_book_done(&redaction->addresses);
}

static struct ta_slice slice(const char *text)
{
	return ta_slice(text, strlen(text));
}

static void check(struct ta_redaction *redaction, ta_redact_part *part, const char *text,
		  const char *expected)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1 << 20);

	part(redaction, slice(text), &out);
	assert_string_equal(ta_buf_cstr(&out), expected);
}

/* Each alone: nothing else is known. */
static const struct {
	ta_redact_part *part;
	const char *text, *expected;
} alone[] = {
	{ ta_redact_address, "", "" },
	{ ta_redact_address, "*:80", "*:80" },
	{ ta_redact_address, "0.0.0.0:80", "0.0.0.0:80" },
	{ ta_redact_address, "127.0.0.53:53", "127.0.0.53:53" },
	{ ta_redact_address, "[::]:443", "[::]:443" },
	{ ta_redact_address, "::ffff:127.0.0.1", "::ffff:127.0.0.1" },
	{ ta_redact_address, "169.254.169.254:80", "169.254.169.254:80" },
	{ ta_redact_address, "10.9.8.7", "10.0.1.1" },
	{ ta_redact_address, "172.31.255.255:1", "172.16.1.1:1" },
	{ ta_redact_address, "172.32.0.1", "240.0.1.1" },
	{ ta_redact_address, "192.168.3.4", "192.168.1.1" },
	{ ta_redact_address, "100.127.0.1", "100.64.1.1" },
	{ ta_redact_address, "100.128.0.1", "240.0.1.1" },
	{ ta_redact_address, "169.254.3.4", "169.254.1.1" },
	{ ta_redact_address, "224.0.0.251", "224.0.1.1" },
	{ ta_redact_address, "8.8.8.8:53", "240.0.1.1:53" },
	{ ta_redact_address, "[2a02:26f0::5]:443", "[2001:db8:0:1::1]:443" },
	{ ta_redact_address, "fd12::5", "fd00:0:0:1::1" },
	{ ta_redact_address, "fc12::5", "fd00:0:0:1::1" },
	{ ta_redact_address, "fe80::5%lo", "fe80:0:0:1::1%lo" },
	{ ta_redact_address, "ff02::fb", "ff0e:0:0:1::1" },
	{ ta_redact_address, "::ffff:8.8.8.8", "::ffff:240.0.1.1" },
	{ ta_redact_address, "localhost:80", "localhost:80" },
	{ ta_redact_address, "Shop.example.net:80", "host-1:80" },
	{ ta_redact_address, "/run/billing.sock", "/run/file-1.sock" },
	{ ta_redact_address, "/proc/sys/net/core/somaxconn", "/proc/sys/net/core/somaxconn" },
	{ ta_redact_path, "/proc/7/fd", "/proc/7/fd" },
	{ ta_redact_path, "/proc/7/root/srv/billing", "/proc/7/root/srv/file-1" },
	{ ta_redact_path, "/proc/7/root/proc/7/root/x", "/proc/7/root/proc/7/root/file-1" },
	{ ta_redact_path, "/proc/7/cwd/home/bill", "/proc/7/cwd/home/user-1" },
	{ ta_redact_path, "/proc/7/task/8/fd/9/bill.conf", "/proc/7/task/8/fd/9/file-1.conf" },
	{ ta_redact_path, "/proc/irq/24/smp_affinity", "/proc/irq/24/smp_affinity" },
	{ ta_redact_path, "/proc/irq/24/billing0-rx", "/proc/irq/24/file-1" },
	{ ta_redact_path, "/proc/net/stat/nf_conntrack", "/proc/net/stat/nf_conntrack" },
	{ ta_redact_path, "/proc/net/dev_snmp6/eth0", "/proc/net/dev_snmp6/eth0" },
	{ ta_redact_path, "/proc/net/vlan/billing0", "/proc/net/vlan/interface-1" },
	{ ta_redact_path, "/proc/7/net/bonding/billing0", "/proc/7/net/bonding/interface-1" },
	{ ta_redact_path, "/proc/net/vlan/", "/proc/net/vlan/" },
	{ ta_redact_path, "/proc/", "/proc/" },
	{ ta_redact_path, "/proc/sys/net/ipv4/conf/billing0/rp_filter",
	  "/proc/sys/net/ipv4/conf/interface-1/rp_filter" },
	{ ta_redact_path, "/proc/../srv/billing", "/proc/../srv/file-1" },
	{ ta_redact_path, "/proc/sys/../../billing", "/proc/sys/../../file-1" },
	{ ta_redact_process, "billingd", "process-1" },
	{ ta_redact_process, "nginx", "nginx" },
	{ ta_redact_process, "python3.11", "python3.11" },
	{ ta_redact_process, "4711", "4711" },
	{ ta_redact_process, "\x1b[2J", "process-1" },
	{ ta_redact_unit, "nginx.service", "nginx.service" },
	{ ta_redact_unit, "billing.service", "unit-1.service" },
	{ ta_redact_unit, "billing", "unit-1" },
	{ ta_redact_unit, "openvpn@site.service", "openvpn@instance-1.service" },
	{ ta_redact_unit, "user@1000.service", "user@1000.service" },
	{ ta_redact_unit, "session-3.scope", "session-3.scope" },
	{ ta_redact_unit, "docker-3f2a9c0d1e2f3a4b.scope", "docker-container-1.scope" },
	{ ta_redact_unit, "nginx-billing.service", "unit-1.service" },
	{ ta_redact_unit, ".service", "unit-1" },
	{ ta_redact_container, "web", "container-1" },
	{ ta_redact_container, "lxc:web", "lxc:container-1" },
	{ ta_redact_container, "odd:web", "container-1" },
	{ ta_redact_uuid, "6A2F41C3-6d0e-4a55-9e1c-0f5d3c1b2a10",
	  "00000000-0000-0000-0000-000000000001" },
	{ ta_redact_namespace, "host", "host" },
	{ ta_redact_namespace, "current", "current" },
	{ ta_redact_namespace, "blue#42", "namespace-1#42" },
	{ ta_redact_namespace, "billingd[7]", "process-1[7]" },
	{ ta_redact_namespace, "1234", "1234" },
	{ ta_redact_namespace, "#42", "#42" },
	{ ta_redact_interface, "eth0", "eth0" },
	{ ta_redact_interface, "enp3s0f1np1", "enp3s0f1np1" },
	{ ta_redact_interface, "veth3f2a9c0", "veth-1" },
	{ ta_redact_interface, "billing0", "interface-1" },
	{ ta_redact_key, "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_tw_reuse" },
	{ ta_redact_key, "net.ipv4.conf.*.rp_filter", "net.ipv4.conf.*.rp_filter" },
	{ ta_redact_key, "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.rp_filter" },
	{ ta_redact_key, "net.ipv6.neigh.billing0.x", "net.ipv6.neigh.interface-1.x" },
	{ ta_redact_key, "net/ipv4/conf/billing.7/x", "net/ipv4/conf/interface-1/x" },
	{ ta_redact_key, "net.ipv4.conf.", "net.ipv4.conf." },
	{ ta_redact_path, "/", "/" },
	{ ta_redact_path, "/etc/sysctl.d/99-billing.conf", "/etc/sysctl.d/99-file-1.conf" },
	{ ta_redact_path, "/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.d/99-sysctl.conf" },
	{ ta_redact_path, "/home/alice/x", "/home/user-1/file-1" },
	{ ta_redact_path, "a.service.d/b.conf", "unit-1.service.d/file-1.conf" },
	{ ta_redact_user, "root", "root" },
	{ ta_redact_user, "@dba", "@user-1" },
	{ ta_redact_user, "@1000:2000", "@1000:2000" },
	{ ta_redact_profile, "balanced", "balanced" },
	{ ta_redact_remark, "Shop.example.net is not known", "Shop.example.net is not known" },
	{ ta_redact_remark, "from 10.9.8.7:80, in /run/netns/blue: gone",
	  "from 10.0.1.1:80, in /run/netns/file-1: gone" },
	{ ta_redact_text, "start/end values. n/a", "start/end values. n/a" },
	{ ta_redact_text, "std::bad_alloc at 10:20:30, 1.2.3",
	  "std::bad_alloc at 10:20:30, 1.2.3" },
	{ ta_redact_text, "to 10.9.8.7.", "to 10.0.1.1." },
	{ ta_redact_text, "mac 52:54:00:ab:cd:ef, id 3f2a9c0d1e2f", "mac mac-1, id container-1" },
	{ ta_redact_text, "sk ffff888103", "sk ffff888103" },
	{ ta_redact_text, "java.net.BindException at net.core.somaxconn",
	  "java.net.BindException at net.core.somaxconn" },
	{ ta_redact_text, "connect to shop.example.net:443 failed",
	  "connect to host-1:443 failed" },
	{ ta_redact_text, "getaddrinfo ENOTFOUND shop", "getaddrinfo ENOTFOUND host-1" },
	{ ta_redact_text, "No route to host (113)", "No route to host (113)" },
	{ ta_redact_text, "could not translate host name \"shop\" to address",
	  "could not translate host name \"host-1\" to address" },
	{ ta_redact_text, "Connection to shop:5432 refused (errno:111)",
	  "Connection to host-1:5432 refused (errno:111)" },
	{ ta_redact_text, "mail for alice@example.net", "mail for user-1@host-1" },
	{ ta_redact_text, "postgres://alice:pw@shop/bill?x=y", "postgres://user@host-1/file-1" },
	{ ta_redact_text, "2026-01-02T03:04:05.6+00:00 shop billingd[7]: hello",
	  "2026-01-02T03:04:05.6+00:00 host-1 process-1[7]: hello" },
	{ ta_redact_text, "at evidence/billing/a.txt", "at file-1/file-2/file-3.txt" },
};

static void test_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(alone); i++) {
		struct ta_redaction redaction;

		begin(&redaction);
		check(&redaction, alone[i].part, alone[i].text, alone[i].expected);
		end(&redaction);
	}
}

/* A name is itself wherever it stands, and the longest one counts. */
static void test_known_names(void **state)
{
	struct ta_redaction r;

	(void)state;
	begin(&r);
	check(&r, ta_redact_process, "bill", "process-1");
	check(&r, ta_redact_process, "bill: worker", "process-2");
	check(&r, ta_redact_process, "(ill)", "process-3");
	check(&r, ta_redact_process, "7", "7");
	check(&r, ta_redact_process, "K\xc3\xa4se", "process-4");
	check(&r, ta_redact_remark, "bill; bill: worker 7, bills, (ill)!",
	      "process-1; process-2 7, bills, process-3!");
	check(&r, ta_redact_remark, "K\xc3\xa4se bill", "process-4 process-1");
	check(&r, ta_redact_host, "db1.example.net", "host-1");
	check(&r, ta_redact_text, "on db1, DB1.example.net", "on host-1, host-1");
	check(&r, ta_redact_container, "3f2a9c0d1e2f3a4b5c6d7e8f90a1b2c3", "container-1");
	check(&r, ta_redact_container, "docker:3f2a9c0d1e2f", "docker:container-1");
	check(&r, ta_redact_process, "a-very-long-name", "process-5");
	check(&r, ta_redact_process, "a-very-long-nam", "process-5");
	end(&r);
}

/* What the document has is not used for something else. */
static void test_avoided(void **state)
{
	struct ta_redaction r;

	(void)state;
	begin(&r);
	ta_redact_avoid(&r, slice("process-1, (process-2) and 10.0.1.77; [fe80::1]:22"));
	check(&r, ta_redact_process, "process-2", "process-3");
	check(&r, ta_redact_process, "process-1", "process-4");
	check(&r, ta_redact_address, "10.0.1.77", "10.0.2.1");
	check(&r, ta_redact_address, "10.0.1.78", "10.0.2.2");
	check(&r, ta_redact_address, "10.0.9.78", "10.0.3.1");
	check(&r, ta_redact_address, "::ffff:10.0.9.78", "::ffff:10.0.3.1");
	end(&r);
}

/* When the document has all networks of a range, they change places: no two become one. */
static void test_full_range(void **state)
{
	struct ta_redaction r;
	json_t *made = json_object();

	(void)state;
	begin(&r);
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < 256 * 256; i++) {
			struct ta_address address = { .bytes = { 192, 168, (uint8_t)(i >> 8),
								 (uint8_t)i } };
			ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(64);

			if (pass == 0)
				ta_address_book_avoid(&r.addresses, &address);
			else
				ta_address_book_add(&r.addresses, &address, &out);
			if (pass == 1)
				json_object_set_new(made, ta_buf_cstr(&out), json_true());
		}
	assert_int_equal(json_object_size(made), 256 * 256);
	json_decref(made);
	end(&r);
}

/* Whatever bytes: valid UTF-8 stays valid, and it takes no longer than the text is long. */
static void test_odd_texts(void **state)
{
	static const char *const pieces[] = { "a.", "a-", "/a", "::", "1.", "user=", "://", "@" };
	enum { REPEAT = 100000 };

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(pieces); i++) {
		struct ta_redaction r;
		ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 20);
		ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1 << 24);

		begin(&r);
		for (int n = 0; n < REPEAT; n++)
			ta_buf_str(&text, pieces[i]);
		ta_redact_text(&r, ta_slice(text.data, text.len), &out);
		assert_true(ta_buf_ok(&out, NULL));
		assert_true(ta_utf8_valid(out.data, out.len));
		end(&r);
	}
}

/* Two documents of one redactor agree; one that was redacted is left alone. */
static void test_documents(void **state)
{
	static const char text[] =
		"{\"schema\":\"tcpadvise.snapshot/1\",\"taken_at\":\"2026-01-01T00:00:00Z\","
		"\"host\":{\"name\":\"shop\",\"odd\":\"shop\"},\"namespaces\":[],\"gaps\":[]}";
	struct ta_redactor *redactor = ta_redactor_new(NULL);

	(void)state;
	for (int i = 0; i < 2; i++) {
		json_t *document = json_loads(text, 0, NULL), *copy;

		assert_true(ta_redact(redactor, document, NULL));
		assert_true(ta_snapshot_check(document, NULL));
		assert_string_equal(json_string_value(json_object_get(
					    json_object_get(document, "host"), "name")),
				    "host-1");
		assert_null(json_object_get(json_object_get(document, "host"), "odd"));
		assert_int_equal(json_array_size(json_object_get(document, "gaps")), 1);
		copy = json_deep_copy(document);
		assert_true(ta_redact(redactor, copy, NULL));
		assert_true(json_equal(copy, document));
		json_decref(copy);
		json_decref(document);
	}
	ta_redactor_free(redactor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),     cmocka_unit_test(test_known_names),
		cmocka_unit_test(test_avoided),   cmocka_unit_test(test_full_range),
		cmocka_unit_test(test_odd_texts), cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
