import { error, note, warning, type StaticCheck } from '../check.js';
import { refused } from './libraries.js';
import { namesOf, ofEachLibrary } from './rows.js';

const OF_CONTRACT: readonly string[] = ['aisopod_plugin_abi_version', 'aisopod_plugin_create', 'aisopod_plugin_destroy', 'aisopod_plugin_note'];
/** Added by linkers and by language runtimes, harmless. */
const OF_TOOLS = /^(?:_init|_fini|_edata|_end|__bss_start|__data_start|rust_eh_personality|_mh_dylib_header)$/;
/** Templates of C++'s standard library and types of functions, which compilers export whatever the visibility is. */
const OF_STANDARD_CXX = /^_ZT[IS]P?K?F|^_Z(?:T[ISV]|GV|Z)?N?K?(?:S[a-z]|NS[a-z]|NKS[a-z]|N9__gnu_cxx|NK9__gnu_cxx|St|10__cxxabi)/;
/** The beginnings of names that the executable of Node exports, from the libraries that it contains. */
const OF_NODE =
  /^(?:SSL_|SSL3_|TLS_|EVP_|BIO_|X509|RSA_|ECDSA_|EC_|BN_|DH_|DSA_|HMAC|SHA\d|MD5|AES_|RAND_|PEM_|ASN1_|CRYPTO_|OPENSSL_|OpenSSL_|ERR_|uv_|napi_|node_api_|nghttp2_|ares_|Brotli|u_\w+_\d+$|ZSTD_|deflate|inflate|compress(?:2|Bound)?$|uncompress|crc32|adler32|gz(?:open|read|write|close)|zlib|sqlite3_|llhttp_)/;

const required = ofEachLibrary(
  {
    id: 'exports-required',
    source: 'ABI: exports',
    title: 'Every library exports aisopod_plugin_abi_version and aisopod_plugin_create',
    breaks: 'A host refuses the library before it opens it.',
  },
  (library) => refused(library, 'ERR_MISSING_SYMBOL'),
);

const own = ofEachLibrary(
  {
    id: 'exports-own',
    source: 'ABI: exports',
    title: 'The exports of the contract are defined in the library itself',
    breaks: 'The plugin is another file than the one that was checked and signed.',
  },
  ({ triage: { forwards } }) => forwards.filter(({ name }) => OF_CONTRACT.includes(name)).map(({ name, to }) => error(`${name} is defined in another library: ${to}.`)),
);

const onlyContract = ofEachLibrary(
  {
    id: 'exports-only-contract',
    source: 'ABI: exports',
    title: 'A library exports nothing beyond the contract',
    breaks: 'Names of the plugin and of other libraries in the process can be taken for each other. The file is also larger and slower to open.',
  },
  ({ triage: { exports: names, traits } }) => {
    const others = names.filter((name) => !OF_CONTRACT.includes(name) && !OF_TOOLS.test(name) && !OF_STANDARD_CXX.test(name));
    if (others.length === 0) return [];
    // cgo exports all functions that C calls.
    if (traits.goRuntime) return [note(`The library also exports ${others.length} names of its Go code.`)];
    return [warning(`The library also exports ${namesOf(others)}. Build it with -fvisibility=hidden; AISOPOD_EXPORT is needed for the functions of the contract only.`)];
  },
);

const notOfNode = ofEachLibrary(
  {
    id: 'exports-names-of-node',
    source: 'ABI: exports',
    title: 'A library exports no name that Node exports too',
    breaks: 'Where libraries share names, the plugin calls the OpenSSL, zlib or libuv of Node with its own structs, or Node calls those of the plugin.',
  },
  ({ triage: { exports: names } }) => {
    const shared = names.filter((name) => OF_NODE.test(name));
    return shared.length === 0 ? [] : [warning(`Node exports names like these, too: ${namesOf(shared)}. Hide them: link with -Wl,--exclude-libs,ALL or build with -fvisibility=hidden.`)];
  },
);

const allocator = ofEachLibrary(
  {
    id: 'exports-no-allocator',
    source: 'ABI: exports',
    title: 'A library exports no allocator: malloc, free, operator new and the like',
    breaks: 'Memory is allocated by one allocator and freed by another. Hosts open such a library in a way that binds it to the names of Node.',
  },
  ({ triage: { traits } }) => (traits.allocator ? [warning('The library exports functions of an allocator. Hide them: link with -Wl,--exclude-libs,ALL.')] : []),
);

const countable = ofEachLibrary(
  {
    id: 'exports-countable',
    source: 'triage',
    title: 'A library has few enough exports for a host to read all of them',
    breaks: 'A host cannot know before it opens the library whether it is a plugin.',
  },
  ({ triage: { exportsTruncated } }) => (exportsTruncated ? [error('The library exports too many symbols to read them all. Build it with -fvisibility=hidden.')] : []),
);

export const EXPORT_CHECKS: readonly StaticCheck[] = [required, own, onlyContract, notOfNode, allocator, countable];
