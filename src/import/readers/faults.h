/* faults.h - the errors of system calls and of name resolution that tell of a limit or of a
 * network, in every spelling. */
#ifndef IMPORT_READERS_FAULTS_H
#define IMPORT_READERS_FAULTS_H

#include <stdint.h>

#include "import/readers/calls.h"

enum { TA_FAULT_TEXTS = 4 };

struct ta_fault {
	const char *symbol; /* "EADDRNOTAVAIL" */
	int64_t number;     /* Linux on all but MIPS, Alpha, SPARC and PA-RISC; EAI_* of glibc */
	const char
		*texts[TA_FAULT_TEXTS]; /* of glibc, of musl, of runtimes with words of their own */
	unsigned calls; /* in which of them it is a fault: EAGAIN from read() is none */
};

/* NULL: none, or one that tells nothing here. Letters of either case. */
const struct ta_fault *ta_fault_of_number(int64_t number);
const struct ta_fault *ta_fault_of_symbol(struct ta_slice symbol);

/* The fault whose text stands at the beginning, in either case, and the length of that text. Of
 * "too many open files in system" the longer one is meant. */
const struct ta_fault *ta_fault_of_text(struct ta_slice text, size_t *ret_len);

#endif
