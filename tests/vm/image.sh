# shellcheck shell=bash
# Builds the initramfs of a test machine: base + modules (both cached) + the files of one run.
# Sourced by tests/vm/run, which provides die() and these folders.
: "${here:?}" "${vm_dir:?}"
work=

# The tree that image_put() copies into.
image_root=

image_pack()
{
    (cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
        cpio --quiet -0 -o -H newc -R +0:+0)
}

# Replaces a cached archive in one step, so that runs side by side never read half of one.
image_cache()
{
    local folder=$1 archive=$2 part

    part=$(mktemp "$archive.XXXXXX")
    image_pack "$folder" >"$part"
    mv "$part" "$archive"
}

image_base_accounts()
{
    local etc=$1

    cat >"$etc/passwd" <<'EOF'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
EOF
    cat >"$etc/group" <<'EOF'
root:x:0:
daemon:x:1:
tty:x:5:
www-data:x:33:
nogroup:x:65534:
EOF
}

image_base_busybox()
{
    local root=$1 busybox=$2 applet

    cp "$busybox" "$root/usr/bin/busybox"
    for applet in $("$busybox" --list-full); do
        applet=$root/usr/${applet#usr/}
        [[ -e $applet ]] || ln -s /usr/bin/busybox "$applet"
    done
    # busybox's own shell runs its applets in place of the programs that tests bring along.
    rm "$root/usr/bin/sh"
    image_root=$root image_put /bin/dash:/usr/bin/sh
}

image_base_tree()
{
    local root=$1 link

    mkdir -p "$root"/{usr/{bin,sbin,lib,lib64},dev,etc,mnt,out,proc,root,run,srv,sys,tmp,var/www,vm}
    for link in bin sbin lib lib64; do
        ln -s "usr/$link" "$root/$link"
    done
    image_base_busybox "$@"
    image_base_accounts "$root/etc"
    cp /etc/services /etc/protocols "$root/etc/"
    printf 'porttrace-vm\n' >"$root/etc/hostname"
    printf '127.0.0.1 localhost porttrace-vm\n::1 localhost\n' >"$root/etc/hosts"
    printf 'passwd: files\ngroup: files\nhosts: files\n' >"$root/etc/nsswitch.conf"
    printf 'porttrace-vm\n' | md5sum | cut -c 1-32 >"$root/etc/machine-id"
    cp "$here/init" "$root/init"
    chmod 755 "$root/init"
}

# Prints the path of the base archive.
image_base()
{
    local archive=$vm_dir/base.cpio busybox source stale=''

    busybox=$(type -P busybox) || die "busybox is missing: install busybox-static"
    for source in "$busybox" /bin/dash "$here"/{init,image.sh} /etc/{services,protocols}; do
        [[ -e $source ]] || die "$source is missing: install what tests/vm/packages prints"
        [[ $archive -nt $source ]] || stale=1
    done
    if [[ -n $stale ]]; then
        image_base_tree "$work/base" "$busybox"
        image_cache "$work/base" "$archive"
    fi
    printf '%s\n' "$archive"
}

# Prints the path of the archive of a kernel's modules.
image_modules()
{
    local kernel=$1 archive=$1/modules.cpio

    if [[ ! $archive -nt $kernel/version || ! $archive -nt $here/image.sh ]]; then
        mkdir -p "$work/modules/usr"
        cp -R "$kernel/modules/lib" "$work/modules/usr/lib"
        image_cache "$work/modules" "$archive"
    fi
    printf '%s\n' "$archive"
}

# Where a path of the machine lies in the tree: never below the links /bin, /sbin, /lib, /lib64.
image_path()
{
    local path=$1

    [[ $path == /* ]] || path=/srv/$path
    [[ $path =~ ^/(bin|sbin|lib|lib64)(/|$) ]] && path=/usr$path
    printf '%s\n' "$image_root$path"
}

image_is_elf()
{
    local magic

    IFS= LC_ALL=C read -r -N 4 magic <"$1" 2>/dev/null || return 1
    [[ $magic == $'\x7fELF' ]]
}

image_put_library()
{
    local to

    to=$(image_path "$1")
    [[ -e $to ]] && return
    mkdir -p "${to%/*}"
    cp -L "$1" "$to"
}

# Copies the loader and the shared libraries of one ELF file. libgcc_s is loaded by name when a
# thread is cancelled.
image_put_libraries()
{
    local listing library

    # ldd fails for what needs no library: static programs, objects.
    listing=$(ldd "$1" 2>&1) || return 0
    [[ $listing == *'not found'* ]] && die "$1: ${listing//$'\n'/ }"
    while read -r library; do
        image_put_library "$library"
        if [[ $library == */libc.so.6 && -e ${library%/*}/libgcc_s.so.1 ]]; then
            image_put_library "${library%/*}/libgcc_s.so.1"
        fi
    done < <(grep -o '/[^ ]*' <<<"$listing")
}

# image_put FILE[:DEST]
image_put()
{
    local from=${1%:*} to=${1##*:} file

    [[ $1 == *:* ]] || to=$from
    [[ -e $from ]] || die "-f $1: $from does not exist"
    [[ $to == */ && ! -d $from ]] && to+=${from##*/}
    to=$(image_path "$to")
    mkdir -p "${to%/*}"
    if [[ -d $from ]]; then
        mkdir -p "$to"
        cp -R "$from/." "$to/"
    else
        cp -L --preserve=mode "$from" "$to"
    fi
    while IFS= read -r -d '' file; do
        ! image_is_elf "$file" || image_put_libraries "$file"
    done < <(find -L "$from" -type f -print0)
}
