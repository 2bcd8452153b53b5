#!/usr/bin/env python3
"""Renders a script into a numpy array: render.py LIBJITRUN SCRIPT [FRAMES]

Only ctypes: structures are described as far as they are used, and `size` says how far that is.
"""
import ctypes
import sys

import numpy


class Shape(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("has_dsp", ctypes.c_bool),
                ("input_channels", ctypes.c_uint32), ("output_channels", ctypes.c_uint32)]


class Jitrun:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        for name in ("jitrun_engine_message", "jitrun_instance_message"):
            getattr(self.library, name).restype = ctypes.c_char_p
        self.engine = ctypes.c_void_p()
        self.check(self.library.jitrun_engine_create(None, ctypes.byref(self.engine)))

    def check(self, status):
        if status:
            raise RuntimeError(self.library.jitrun_engine_message(self.engine).decode() or f"status {status}")

    def render(self, script, frames):
        """The script's output, an array of frames x channels."""
        program, instance = ctypes.c_void_p(), ctypes.c_void_p()
        try:
            self.check(self.library.jitrun_compile_file(self.engine, script.encode(), ctypes.byref(program)))
            shape = Shape(size=ctypes.sizeof(Shape))
            self.check(self.library.jitrun_program_get_shape(program, ctypes.byref(shape)))
            self.check(self.library.jitrun_instance_create(program, None, ctypes.byref(instance)))
            out = numpy.zeros((frames, shape.output_channels))
            pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
            if self.library.jitrun_instance_start(instance) or \
                    self.library.jitrun_process(instance, None, pointer, ctypes.c_size_t(frames)):
                raise RuntimeError(self.library.jitrun_instance_message(instance).decode())
            return out
        finally:
            self.library.jitrun_instance_destroy(instance)
            self.library.jitrun_program_destroy(program)

    def close(self):
        self.library.jitrun_engine_destroy(self.engine)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    jitrun = Jitrun(sys.argv[1])
    sound = jitrun.render(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 48000)
    jitrun.close()
    print(f"{sound.shape[0]} frames, {sound.shape[1]} channels, peak {numpy.abs(sound).max():.6f}, "
          f"rms {numpy.sqrt((sound ** 2).mean()):.6f}")
