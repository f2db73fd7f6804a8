/* without.c - owners.h of a build without BPF. */
#include <stddef.h>

#include "collect/bpf/owners.h"

struct ta_bpf_owners *ta_bpf_owners_open(struct ta_error *err)
{
	ta_fail(err, TA_E_UNSUPPORTED, "this program was built without BPF");
	return NULL;
}

void ta_bpf_owners_done(struct ta_bpf_owners *owners)
{
	(void)owners;
}

static bool never(struct ta_error *err)
{
	return ta_fail(err, TA_E_UNSUPPORTED, "this program was built without BPF");
}

bool ta_bpf_owners_processes(struct ta_bpf_owners *owners, struct ta_processes *ret,
			     struct ta_error *err)
{
	(void)owners;
	(void)ret;
	return never(err);
}

const struct ta_map *ta_bpf_owners_known(const struct ta_bpf_owners *owners)
{
	(void)owners;
	return NULL;
}

bool ta_bpf_owners_sockets(struct ta_bpf_owners *owners, struct ta_processes *processes,
			   ta_bpf_claim_sink sink, void *ctx, struct ta_error *err)
{
	(void)owners;
	(void)processes;
	(void)sink;
	(void)ctx;
	return never(err);
}
