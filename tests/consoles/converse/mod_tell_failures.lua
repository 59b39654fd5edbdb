-- Tells the log of a login that was refused, which Prosody itself does only among a thousand other lines.
module:hook("authentication-failure", function ()
  module:log("info", "login refused");
end);
