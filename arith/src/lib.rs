//! Field, curve, MSM and NTT kernels over portable, AVX2 and AVX-512 IFMA lanes, chosen at run time.

#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod backend;
mod buffer;
mod count;
mod cpu;
mod curve;
mod divsteps;
mod field;
mod fixed;
mod lanes;
mod msm;
pub mod ntt;
mod parallel;
mod pool;
mod prefetch;
pub mod probe;
mod selftest;
mod table;

pub use backend::{Backend, BackendError, Detection, Kind};
pub use count::Counters;
pub use cpu::cpu_features;
pub use divsteps::{inverse_fq, inverse_fr};
pub use fixed::{FixedBaseG1, FixedBaseG2};
pub use table::{Layout, TableG1, TableG2, TableSetting, msm_g1, msm_g2};
