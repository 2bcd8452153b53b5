/* sndfile.h -- frames as a sound file through libsndfile; the format follows the extension.
 *
 *   .wav          32-bit float; RF64 when the data would pass 4 GiB
 *   .flac .aiff   24-bit integers
 *   .ogg          Vorbis
 *
 * Files are the same bytes for the same frames: no time stamps, and a NaN is written as one NaN in float files.  The other
 * formats hold -1 .. 1 only: samples beyond are clipped, those that are not numbers become silence, and after close
 * sink->warning counts both. */
#ifndef JR_HOST_SNDFILE_H
#define JR_HOST_SNDFILE_H

#include "host/sink.h"

bool jr_sndfile_knows(const char *name); /* by its extension */
/* Creates the file.  Fails, with the reason, when it cannot be written or the format cannot hold so many channels or frames. */
bool jr_sndfile_open(struct jr_sink *sink, const char *name, const struct jr_sink_config *config);

#endif
