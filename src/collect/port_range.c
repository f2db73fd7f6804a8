/* port_range.c - see port_range.h. */
#include "base/language.h"
#include "collect/port_range.h"

#include <errno.h>
#include <string.h>

enum { LIST_CAP = 1 << 20 }; /* 65536 ports, each alone, take 400 KB */

static const char range_path[] = "sys/net/ipv4/ip_local_port_range";
static const char reserved_path[] = "sys/net/ipv4/ip_local_reserved_ports";

static const char *reason(int failed)
{
	return failed ? strerror(failed) : "it is not in the form that the kernel prints";
}

void ta_ports_read(const struct ta_root *root, struct ta_ports *ret, struct ta_builder *builder)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(LIST_CAP);
	int failed = ta_root_read(root, range_path, &buf);

	memset(ret, 0, sizeof(*ret));
	ret->range_known =
		!failed && ta_ports_parse_range(ta_buf_cstr(&buf), buf.len, &ret->low, &ret->high);
	if (!ret->range_known)
		ta_build_gap(builder, N_("the ephemeral port range"), reason(failed),
			     "namespaces[].ports", "namespaces[].destinations[].ports_used", NULL);
	failed = ta_root_read(root, reserved_path, &buf);
	ret->reserved_known =
		failed == ENOENT || /* before 2.6.35: none can be reserved */
		(!failed && ta_ports_parse_list(ta_buf_cstr(&buf), buf.len, &ret->reserved));
	if (!ret->reserved_known)
		ta_build_gap(builder, N_("reserved ports"), reason(failed),
			     "namespaces[].ports.reserved", "namespaces[].ports.usable", NULL);
}
