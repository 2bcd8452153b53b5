/* csv.h -- frames as text: a header line ch0,ch1,... and one line of shortest round-trip numbers a frame. */
#ifndef JR_HOST_CSV_H
#define JR_HOST_CSV_H

#include "host/sink.h"

/* Opens `name` for writing, or standard output if it is "-".  A sink without channels writes nothing at all.
 * Standard output goes through stdio, so that lines keep their order with what the script prints. */
bool jr_csv_open(struct jr_sink *sink, const char *name, const struct jr_sink_config *config);

#endif
