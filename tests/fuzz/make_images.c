/* make_images.c -- fuzz-images OUT FILE.jas...: saves each program that assembles and verifies as an image in the folder OUT. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/asm.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/image.h"
#include "ir/module.h"
#include "ir/verify.h"

static void read_all(const char *path, struct jr_sb *text)
{
    char buffer[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(3);
    }
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        jr_sb_bytes(text, buffer, got);
    fclose(file);
}

static void save(const char *folder, size_t number, const struct jr_sb *image)
{
    char path[4096];
    FILE *file;
    snprintf(path, sizeof path, "%s/%03zu.jri", folder, number);
    file = fopen(path, "wb");
    if (!file || fwrite(image->text, 1, image->length, file) != image->length || fclose(file) != 0) {
        perror(path);
        exit(3);
    }
}

int main(int argc, char **argv)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    size_t saved = 0;
    for (int i = 2; i < argc; i++) {
        struct jr_sb text, image;
        struct jr_module *module = NULL;
        struct jr_asm_errors errors = { 0 };
        struct jr_verify_report report;
        jr_sb_init(&text, alloc);
        jr_sb_init(&image, alloc);
        read_all(argv[i], &text);
        if (jr_assemble(alloc, argv[i], jr_sb_view(&text), text.length, &module, &errors) == JR_OK &&
            jr_verify(module, alloc, &report) == JR_OK && jr_image_save(module, NULL, 0, &image) == JR_OK) {
            save(argv[1], saved++, &image);
        }
        JR_VEC_FREE(alloc, &errors);
        jr_module_destroy(module);
        jr_sb_fini(&image);
        jr_sb_fini(&text);
    }
    printf("%zu images\n", saved);
    return saved > 0 ? 0 : 1;
}
