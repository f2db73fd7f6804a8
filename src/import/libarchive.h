/* libarchive.h - libarchive, loaded when the first archive is read: with the decompressors that it
 * draws in, most audits can do without. Built against its own headers, so that each call keeps its
 * type. */
#ifndef IMPORT_LIBARCHIVE_H
#define IMPORT_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#include "tcpadvise/error.h"

#define TA_LIBARCHIVE_FUNCTIONS(X)                                                                 \
	X(archive_entry_filetype)                                                                  \
	X(archive_entry_hardlink)                                                                  \
	X(archive_entry_pathname)                                                                  \
	X(archive_entry_pathname_utf8)                                                             \
	X(archive_error_string)                                                                    \
	X(archive_filter_bytes)                                                                    \
	X(archive_format)                                                                          \
	X(archive_read_data)                                                                       \
	X(archive_read_data_block)                                                                 \
	X(archive_read_free)                                                                       \
	X(archive_read_new)                                                                        \
	X(archive_read_next_header)                                                                \
	X(archive_read_open)                                                                       \
	X(archive_read_support_filter_bzip2)                                                       \
	X(archive_read_support_filter_gzip)                                                        \
	X(archive_read_support_filter_xz)                                                          \
	X(archive_read_support_filter_zstd)                                                        \
	X(archive_read_support_format_empty)                                                       \
	X(archive_read_support_format_raw)                                                         \
	X(archive_read_support_format_tar)                                                         \
	X(archive_read_support_format_zip_streamable)                                              \
	X(archive_set_error)

struct ta_libarchive {
#define TA_LIBARCHIVE_MEMBER(name) __typeof__(&(name)) name;
	TA_LIBARCHIVE_FUNCTIONS(TA_LIBARCHIVE_MEMBER)
#undef TA_LIBARCHIVE_MEMBER
};

/* The library, loaded once and kept to the end; NULL with TA_E_UNSUPPORTED when there is none or it
 * is older than 3.3.3, the first that knows zstd. */
const struct ta_libarchive *ta_libarchive_get(struct ta_error *err);

#endif
