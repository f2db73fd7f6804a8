/* owners.c - see owners.h. libbpf loads the programs and makes the iterators; what comes out of
 * them is a stream of records (wire.h), read like a file. */
#include "collect/bpf/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "collect/bpf/libbpf.h"
#include "collect/bpf/wire.h"

enum {
	PIDS_MAX = 1 << 22,   /* PID_MAX_LIMIT of linux/threads.h */
	BUFFER_BYTES = 65536, /* the kernel hands over 32 KiB at a time */
	NS_PER_TICK = 1000000000 / TA_TICKS_PER_S,
};

#define NO_ROW UINT32_MAX

/* The compiled owners.bpf.c, as a part of this program, and its length. */
extern const char ta_owners_object[];
extern const uint64_t ta_owners_object_size;
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	".hidden ta_owners_object\n"
	".globl ta_owners_object\n"
	"ta_owners_object:\n"
	".incbin \"" TCPADVISE_OWNERS_OBJECT "\"\n"
	".balign 8\n"
	".hidden ta_owners_object_size\n"
	".globl ta_owners_object_size\n"
	"ta_owners_object_size:\n"
	".quad ta_owners_object_size - ta_owners_object\n"
	".popsection\n");

struct ta_bpf_owners {
	const struct ta_libbpf *libbpf;
	struct bpf_object *object;
	struct ta_map rows; /* by pid: uint32_t, the row in the table, NO_ROW for one without */
	char *buf;
};

struct ta_bpf_owners *ta_bpf_owners_open(struct ta_error *err)
{
	const struct ta_libbpf *libbpf = ta_libbpf_get(err);
	struct ta_bpf_owners *owners = libbpf ? calloc(1, sizeof(*owners)) : NULL;
	bool ok = false;

	if (!libbpf)
		return NULL;
	if (owners) {
		owners->libbpf = libbpf;
		owners->buf = malloc(BUFFER_BYTES);
		ta_map_init(&owners->rows, sizeof(uint32_t), sizeof(uint32_t), PIDS_MAX);
	}
	if (!owners || !owners->buf) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
	} else {
		owners->object = libbpf->bpf_object__open_mem(ta_owners_object,
							      (size_t)ta_owners_object_size, NULL);
		ok = owners->object && libbpf->bpf_object__load(owners->object) == 0;
		if (!ok)
			ta_fail_errno(err, errno, "the kernel does not take the BPF programs");
	}
	if (ok)
		return owners;
	ta_bpf_owners_done(owners);
	return NULL;
}

void ta_bpf_owners_done(struct ta_bpf_owners *owners)
{
	if (!owners)
		return;
	if (owners->object)
		owners->libbpf->bpf_object__close(owners->object);
	ta_map_done(&owners->rows);
	free(owners->buf);
	free(owners);
}

/* ---- the stream ---- */

/* Takes one record, which begins with its kind; false when memory ran out. */
typedef bool (*record_sink)(void *ctx, const char *record, uint32_t kind);

/* 0 for an unknown one. */
static size_t length_of(uint32_t kind)
{
	switch (kind) {
	case TA_WIRE_PROCESS:
		return sizeof(struct ta_wire_process);
	case TA_WIRE_FILES:
		return sizeof(struct ta_wire_files);
	case TA_WIRE_SOCKET:
		return sizeof(struct ta_wire_socket);
	default:
		return 0;
	}
}

/* Hands over what is whole of the first *len bytes, and moves the rest to the front. */
static bool take_records(char *buf, size_t *len, record_sink sink, void *ctx, struct ta_error *err)
{
	size_t at = 0;
	uint32_t kind;

	while (*len - at >= sizeof(kind)) {
		size_t size;

		memcpy(&kind, buf + at, sizeof(kind));
		size = length_of(kind);
		if (!size)
			return ta_fail(err, TA_E_SYSTEM,
				       "the BPF program wrote a record of kind %u", kind);
		if (*len - at < size)
			break;
		if (!sink(ctx, buf + at, kind))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
		at += size;
	}
	memmove(buf, buf + at, *len - at);
	*len -= at;
	return true;
}

static bool read_stream(int fd, char *buf, record_sink sink, void *ctx, struct ta_error *err)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, buf + len, BUFFER_BYTES - len);

		if (n == 0)
			return true;
		/* EAGAIN: a million objects without a word, and it goes on from there */
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return ta_fail_errno(err, errno, "can't read the BPF iterator");
		len += (size_t)n;
		if (!take_records(buf, &len, sink, ctx, err))
			return false;
	}
}

/* Runs one of the programs over all that it iterates on. */
static bool run(struct ta_bpf_owners *owners, const char *program_name, record_sink sink, void *ctx,
		struct ta_error *err)
{
	const struct ta_libbpf *libbpf = owners->libbpf;
	const struct bpf_program *program =
		libbpf->bpf_object__find_program_by_name(owners->object, program_name);
	struct bpf_link *link = program ? libbpf->bpf_program__attach_iter(program, NULL) : NULL;
	int fd = link ? libbpf->bpf_iter_create(libbpf->bpf_link__fd(link)) : -1;
	bool ok = fd >= 0;

	if (ok)
		ok = read_stream(fd, owners->buf, sink, ctx, err);
	else
		ta_fail_errno(err, errno, "can't make the BPF iterator %s", program_name);
	if (fd >= 0)
		close(fd);
	if (link)
		libbpf->bpf_link__destroy(link);
	return ok;
}

/* ---- processes ---- */

struct filling {
	struct ta_processes *processes;
	struct ta_map *rows;
};

static void fill_row(struct ta_process *row, const struct ta_wire_process *record)
{
	const uint64_t unlimited = UINT64_MAX;

	row->pid = record->pid;
	row->uid = record->uid;
	row->real_uid = record->real_uid;
	row->threads = record->threads;
	row->start_ticks = record->start_ns / NS_PER_TICK;
	row->nofile_soft = record->nofile_soft;
	row->nofile_hard = record->nofile_hard;
	row->nproc_soft = record->nproc_soft;
	memcpy(row->name, record->name, sizeof(row->name));
	row->name[sizeof(row->name) - 1] = '\0';
	row->present = TA_PROCESS_USER | TA_PROCESS_THREADS | TA_PROCESS_START | TA_PROCESS_FDS |
		       TA_PROCESS_LINKS;
	if (record->nofile_soft != unlimited)
		row->present |= TA_PROCESS_SOFT;
	if (record->nofile_hard != unlimited)
		row->present |= TA_PROCESS_HARD;
	if (record->nproc_soft != unlimited &&
	    ta_process_is_nproc_held(record->real_uid, record->capabilities))
		row->present |= TA_PROCESS_NPROC;
}

/* A zombie counts among the tasks of its user and is nobody otherwise; a kernel thread is nobody
 * at all. Both are known by their number. */
static bool sink_process(void *ctx, const char *bytes, uint32_t kind)
{
	struct filling *filling = ctx;
	struct ta_processes *processes = filling->processes;
	struct ta_process *row = ta_processes_next_row(processes);
	struct ta_wire_process record;
	uint32_t *number;

	if (!row || kind != TA_WIRE_PROCESS)
		return row;
	memcpy(&record, bytes, sizeof(record));
	number = ta_map_put(filling->rows, &record.pid, NULL);
	if (!number)
		return false;
	*number = NO_ROW;
	if (record.state == TA_WIRE_KERNEL)
		return true;
	fill_row(row, &record);
	if (!ta_processes_add_user(processes, row))
		return false;
	if (record.state == TA_WIRE_ENDED || ta_processes_is_full(processes))
		return true;
	*number = (uint32_t)processes->count++;
	processes->seen++;
	return true;
}

bool ta_bpf_owners_processes(struct ta_bpf_owners *owners, struct ta_processes *ret,
			     struct ta_error *err)
{
	struct filling filling = { ret, &owners->rows };

	return run(owners, "show_process", sink_process, &filling, err);
}

const struct ta_map *ta_bpf_owners_known(const struct ta_bpf_owners *owners)
{
	return &owners->rows;
}

/* ---- sockets ---- */

struct claiming {
	struct ta_processes *processes;
	const struct ta_map *rows;
	ta_bpf_claim_sink sink;
	void *ctx;
	uint32_t pid, process; /* the last one that was looked up */
	bool known;
};

/* Records of one process follow each other. */
static bool find_process(struct claiming *claiming, uint32_t pid)
{
	const uint32_t *number;

	if (claiming->pid == pid)
		return claiming->known;
	number = ta_map_get(claiming->rows, &pid);
	claiming->pid = pid;
	claiming->known = number && *number != NO_ROW;
	claiming->process = claiming->known ? *number : 0;
	return claiming->known;
}

static void fill_endpoint(struct ta_endpoint *ret, const uint8_t address[16], uint16_t port)
{
	memcpy(ret->address, address, sizeof(ret->address));
	ret->port = port;
	ret->zero = 0;
}

static bool claim_socket(struct claiming *claiming, const struct ta_wire_socket *record)
{
	struct ta_bpf_claim claim = {
		.socket = { .rqueue = record->rqueue,
			    .wqueue = record->wqueue,
			    .inode = record->inode,
			    .family = record->family,
			    .state = record->state },
		.netns = record->netns,
		.process = claiming->process,
		.sole = record->flags & TA_WIRE_SOLE,
		.of_thread = record->flags & TA_WIRE_OF_THREAD,
	};

	fill_endpoint(&claim.socket.local, record->local, record->local_port);
	fill_endpoint(&claim.socket.remote, record->remote, record->remote_port);
	return claiming->sink(claiming->ctx, &claim);
}

static bool sink_descriptor(void *ctx, const char *bytes, uint32_t kind)
{
	struct claiming *claiming = ctx;
	struct ta_wire_socket socket;
	struct ta_wire_files files;

	if (kind == TA_WIRE_FILES) {
		memcpy(&files, bytes, sizeof(files));
		if (find_process(claiming, files.pid)) {
			struct ta_process *row = &claiming->processes->rows[claiming->process];

			row->fds = files.fds;
			row->socket_fds = files.socket_fds;
		}
	}
	if (kind != TA_WIRE_SOCKET)
		return true;
	memcpy(&socket, bytes, sizeof(socket));
	if (socket.state >= TA_TCP_STATES || !find_process(claiming, socket.pid))
		return true;
	return claim_socket(claiming, &socket);
}

bool ta_bpf_owners_sockets(struct ta_bpf_owners *owners, struct ta_processes *processes,
			   ta_bpf_claim_sink sink, void *ctx, struct ta_error *err)
{
	struct claiming claiming = {
		.processes = processes, .rows = &owners->rows, .sink = sink, .ctx = ctx
	};

	return run(owners, "show_descriptor", sink_descriptor, &claiming, err);
}
