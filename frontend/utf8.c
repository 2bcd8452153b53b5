/* utf8.c -- decoding by lead byte. */
#include "frontend/utf8.h"

size_t jr_utf8_decode(const char *bytes, size_t length, uint32_t *code)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = (unsigned char)bytes[0];
    *code = 0;
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    size_t count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || count > length)
        return 0;
    uint32_t value = lead & (0x7fu >> count);
    for (size_t i = 1; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (c & 0x3f);
    }
    if (value < smallest[count] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return count;
}

size_t jr_utf8_valid_prefix(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length) {
        uint32_t code;
        size_t count = jr_utf8_decode(bytes + i, length - i, &code);
        if (count == 0)
            break;
        i += count;
    }
    return i;
}
