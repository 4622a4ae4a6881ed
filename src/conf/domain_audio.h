/* <audio>: where sound goes on the host.  <sound>: the card in the guest that plays through it. */
#pragma once

#include "conf/device.h"

typedef enum DmAudioType {
        DM_AUDIO_UNSET,
        DM_AUDIO_NONE,
        DM_AUDIO_ALSA,
        DM_AUDIO_COREAUDIO,
        DM_AUDIO_JACK,
        DM_AUDIO_OSS,
        DM_AUDIO_PULSEAUDIO,
        DM_AUDIO_SDL,
        DM_AUDIO_SPICE,
        DM_AUDIO_FILE,
        DM_AUDIO_DBUS,
} DmAudioType;
typedef enum DmAudioFormat {
        DM_AUDIO_FORMAT_UNSET,
        DM_AUDIO_U8,
        DM_AUDIO_S8,
        DM_AUDIO_U16,
        DM_AUDIO_S16,
        DM_AUDIO_U32,
        DM_AUDIO_S32,
        DM_AUDIO_F32,
} DmAudioFormat;
typedef enum DmSdlDriver {
        DM_SDL_UNSET,
        DM_SDL_ESD,
        DM_SDL_ALSA,
        DM_SDL_ARTS,
        DM_SDL_PULSEAUDIO,
} DmSdlDriver;

/* One direction: <input> or <output>. */
typedef struct DmAudioIo {
        int unused;
        DmYesNo mixing_engine, fixed_settings;
        DmOptU32 voices, buffer_length; /* buffer_length in microseconds */
        DmOptU32 frequency, channels;
        DmAudioFormat format;
        char *dev;                                       /* alsa, oss */
        DmOptU32 buffer_count;                           /* coreaudio, oss, sdl */
        DmYesNo try_poll;                                /* oss */
        char *server_name, *client_name, *connect_ports; /* jack */
        DmYesNo exact_name;
        char *name, *stream_name; /* pulseaudio */
        DmOptU32 latency;         /* pulseaudio, microseconds */
} DmAudioIo;

typedef struct DmAudio {
        DmDevice dev; /* only its kind: a backend has neither alias nor address */
        DmOptU32 id;  /* from 1 */
        DmAudioType type;
        DmOptU32 timer_period;       /* microseconds */
        DmYesNo try_mmap, exclusive; /* oss */
        DmOptI64 dsp_policy;
        char *server_name; /* pulseaudio */
        DmSdlDriver sdl_driver;
        char *path; /* file */
        DmAudioIo in, out;
} DmAudio;

typedef enum DmSoundModel {
        DM_SOUND_UNSET,
        DM_SOUND_SB16,
        DM_SOUND_ES1370,
        DM_SOUND_PCSPK,
        DM_SOUND_AC97,
        DM_SOUND_ICH6,
        DM_SOUND_ICH9,
        DM_SOUND_USB,
        DM_SOUND_ICH7,
} DmSoundModel;
typedef enum DmCodecType { DM_CODEC_UNSET, DM_CODEC_DUPLEX, DM_CODEC_MICRO, DM_CODEC_OUTPUT } DmCodecType;

/* What is behind an HDA controller. */
typedef struct DmSoundCodec {
        int unused;
        DmCodecType type;
} DmSoundCodec;

typedef struct DmSound {
        DmDevice dev;
        DmSoundModel model;
        GPtrArray *codecs; /* of DmSoundCodec */
        DmOptU32 audio_id; /* the <audio> it plays through; unset: the first */
} DmSound;

extern const DmEnum dm_audio_type, dm_audio_format, dm_sdl_driver, dm_sound_model, dm_codec_type;
